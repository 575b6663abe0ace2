import {
  definePlugin,
  done,
  PluginError,
  type ActionDefinition,
  type ConnectionHealth,
  type PluginContext,
} from '@sojourn/plugin-kit';
import { outcomeOf, outputOf } from './answer.ts';
import { isRepeatable, requestOf, type RequestConfig } from './request.ts';
import { apiConnection, other, requestConfig, requestOutput } from './schemas.ts';
import { errorOf, send } from './send.ts';
import { secretsOf, settingsOf } from './settings.ts';
import { callbacks, requestAndWait } from './wait.ts';

const request: ActionDefinition = {
  title: { en: 'Ask an API', 'zh-Hant': '呼叫 API', 'zh-Hans': '调用 API' },
  schemaVersion: 1,
  connection: 'api',
  config: requestConfig,
  output: requestOutput,
  sample: { status: 200, outcome: 'done', body: { id: '7c1e', status: 'active' } },
  outcomes: { from: '/outcomes', key: 'port', also: [other] },
  settles: 'now',
  idempotency: 'none',
  contact: false,

  async perform({ config, idempotencyKey }, context) {
    const asked = config as unknown as RequestConfig;
    const settings = settingsOf(context);
    const toSend = requestOf(asked, settings, idempotencyKey);
    const sent = await send(toSend, context);
    const outcome = outcomeOf(asked.outcomes, sent.answer);
    const { status } = sent.answer;
    if (outcome === undefined && (status < 200 || status > 299)) throw errorOf(sent, toSend);
    const port = outcome ?? other;
    return done(port, outputOf(port, asked.outcomes, sent.answer, secretsOf(settings)));
  },

  /** An API cannot be asked what became of a request; but where the same may come twice, it is sent again. */
  reconcile(_idempotencyKey, _context, written) {
    if (isRepeatable(written)) return Promise.resolve({ type: 'not-found' });
    return Promise.reject(
      new PluginError({
        code: 'api-unknown-outcome',
        kind: 'unknown-outcome',
        detail: 'the request was cut off, and the API cannot be asked what it did',
      }),
    );
  },
};

/** Asks for the connection's own address: whatever it answers, it is there. */
async function check(context: PluginContext): Promise<ConnectionHealth> {
  const began = context.clock();
  const settings = settingsOf(context);
  const toSend = requestOf({ method: 'GET', path: '/', outcomes: [] }, settings, 'check');
  const sent = await send(toSend, context);
  const { status } = sent.answer;
  if (status === 401 || status === 403) throw errorOf(sent, toSend);
  return {
    status: status >= 500 ? 'degraded' : 'ok',
    latencyMs: context.clock() - began,
    detail: `it answered ${status}`,
  };
}

/** Any HTTP API, described in the form. */
export const http = definePlugin({
  id: 'http',
  version: '1.0.0',
  apiVersion: 1,
  name: { en: 'HTTP', 'zh-Hant': 'HTTP', 'zh-Hans': 'HTTP' },
  description: {
    en: 'Asks any HTTP API. What it answers decides the way on.',
    'zh-Hant': '呼叫任何 HTTP API。其回應決定後續路徑。',
    'zh-Hans': '调用任何 HTTP API。其响应决定后续路径。',
  },
  icon: 'plug',
  category: 'data',
  connections: {
    api: { title: 'HTTP API', schema: apiConnection, limits: { perSecond: 20 }, check },
  },
  actions: { request, 'request-and-wait': requestAndWait },
  callbacks,
});
