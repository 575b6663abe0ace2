export { describePlugin, type ActionExample, type ContractTestOptions } from './describe-plugin.ts';
