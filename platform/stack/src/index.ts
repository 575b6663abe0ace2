export * from './servers/index.ts';
export { startPluginWorker, type PluginWorker } from './plugin-worker.ts';
export {
  exchangeKey,
  keysStanding,
  renewKeys,
  type KeysStanding,
  type RenewalProgress,
} from './keys.ts';
export { rebuild, type RebuildSummary } from './rebuild.ts';
export { settingsOf, type StackSettings } from './settings.ts';
export { startStack, type RunningStack } from './start.ts';
export { shippedRegistry } from './plugins.ts';
