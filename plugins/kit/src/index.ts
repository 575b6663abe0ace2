export {
  accepted,
  done,
  PluginError,
  type ActionDefinition,
  type CallbackDefinition,
  type ConnectionDefinition,
  type ConnectionHealth,
  type Json,
  type JsonObject,
  type LinkMaker,
  type OpenConnection,
  type PerformRequest,
  type PerformResult,
  type PluginContext,
  type PluginDefinition,
  type PluginErrorKind,
  type PluginLog,
  type PluginSubject,
  type ProviderMood,
  type ProviderReport,
  type RawRequest,
  type Reconciliation,
  type RunningSandbox,
  type SandboxDefinition,
  type SandboxItem,
} from './contract.ts';
export { definePlugin, manifestOf, PluginDefinitionError } from './define.ts';
export { createRegistry, type PluginRegistry } from './registry.ts';
export { renderConfig, RenderError, type RenderContext } from './render.ts';
export { checkValue } from '@sojourn/schemas';
