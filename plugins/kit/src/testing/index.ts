export { describePlugin, type ActionExample, type ContractTestOptions } from './describe-plugin.ts';
export { createTestContext, type TestContextOptions } from './context.ts';
