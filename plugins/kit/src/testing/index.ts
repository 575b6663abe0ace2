export { describePlugin } from './describe-plugin.ts';
export type { ActionExample, ContractTestOptions, EventExample } from './outside.ts';
export { openWebhook, type Webhook } from './webhook.ts';
export { createTestContext, type TestContextOptions } from './context.ts';
