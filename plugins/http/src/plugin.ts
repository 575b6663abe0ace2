import { definePlugin, PluginError, type ActionDefinition } from '@sojourn/plugin-kit';
import { apiConnection, other, requestConfig, requestOutput } from './schemas.ts';

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

  perform() {
    return Promise.reject(
      new PluginError({ code: 'not-yet', kind: 'config', detail: 'requests are not sent yet' }),
    );
  },
};

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
  connections: { api: { title: 'HTTP API', schema: apiConnection, limits: { perSecond: 20 } } },
  actions: { request },
});
