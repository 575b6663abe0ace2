import { createHash } from 'node:crypto';
import {
  accepted,
  isSigned,
  PluginError,
  refused,
  settled,
  signatureHeader,
  type ActionDefinition,
  type CallbackDefinition,
  type Json,
  type JsonObject,
} from '@sojourn/plugin-kit';
import { outcomeOf, outputOf, valueAt, type OutcomeRule } from './answer.ts';
import { isRepeatable, requestOf, type RequestConfig } from './request.ts';
import { waitConfig, waitOutput } from './schemas.ts';
import { errorOf, send } from './send.ts';
import { secretsOf, settingsOf, type ApiSettings } from './settings.ts';

// A request whose end the API reports later.
//
//   B1. The API is told where to report: in the header X-Callback-Url, and wherever a text says {callbackUrl}.
//   B2. A report that fits no outcome is not the end: it is refused, and the step goes on waiting.
//   B3. The same report again is known by its body: an API need not number its reports.

interface WaitConfig extends RequestConfig {
  reference?: string;
}

const place = '{callbackUrl}';

/** Asks an API, and waits for what it reports. */
export const requestAndWait: ActionDefinition = {
  title: { en: 'Ask an API and wait', 'zh-Hant': '呼叫 API 並等待', 'zh-Hans': '调用 API 并等待' },
  schemaVersion: 1,
  connection: 'api',
  config: waitConfig,
  output: waitOutput,
  sample: { outcome: 'approved', body: { id: '7c1e', status: 'approved' } },
  outcomes: { from: '/outcomes', key: 'port' },
  settles: 'later',
  defaultTimeout: 'P30D',
  idempotency: 'none',
  contact: false,

  async perform({ config, idempotencyKey, callbackUrl = '' }, context) {
    const { reference, ...asked } = withAddress(config, callbackUrl) as unknown as WaitConfig;
    const toSend = requestOf(asked, settingsOf(context), idempotencyKey);
    toSend.headers.set('x-callback-url', callbackUrl); // B1
    const sent = await send(toSend, context);
    const { status, body } = sent.answer;
    if (status < 200 || status > 299) throw errorOf(sent, toSend);
    const named = reference === undefined ? undefined : valueAt(body, reference);
    return accepted(
      typeof named === 'string' || typeof named === 'number'
        ? String(named).slice(0, 200)
        : createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 24),
    );
  },

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

/** What an API reports at a step's own address. */
export const callbacks: CallbackDefinition = {
  verify({ headers, body }, { settings }) {
    const { callbackSecret } = settings as unknown as ApiSettings;
    if (callbackSecret === undefined || callbackSecret === '') return Promise.resolve(true); // nobody else knows the address
    return Promise.resolve(
      isSigned(headers[signatureHeader], body, { secret: callbackSecret, nowMs: Date.now() }),
    );
  },

  receive({ body }, context, asked) {
    if (!asked) return Promise.resolve(refused('it came to the address of no step'));
    const reported = jsonOf(body);
    if (reported === undefined) return Promise.resolve(refused('it is no JSON'));
    const rules = (asked.written['outcomes'] ?? []) as unknown as OutcomeRule[];
    const answer = { status: 200, body: reported, isJson: true, isTooLong: false };
    const port = outcomeOf(rules, answer);
    if (port === undefined) return Promise.resolve(refused('it fits no outcome of the step')); // B2
    const { status: _status, ...output } = outputOf(
      port,
      rules,
      answer,
      secretsOf(settingsOf(context)),
    );
    const eventId = createHash('sha256').update(body).digest('hex').slice(0, 40); // B3
    return Promise.resolve([settled(undefined, port, output as JsonObject, { eventId })]);
  },
};

/** A config with the address in the place of every `{callbackUrl}` in its query, headers and body (B1). */
function withAddress(config: JsonObject, url: string): JsonObject {
  const filled = (value: Json): Json => {
    if (typeof value === 'string') return value.replaceAll(place, url);
    if (Array.isArray(value)) return value.map(filled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item)]));
  };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      key === 'query' || key === 'headers' || key === 'body' ? filled(value) : value,
    ]),
  );
}

function jsonOf(body: Uint8Array): Json | undefined {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as Json;
  } catch {
    return undefined; // the refusal says so
  }
}
