export {
  accepted,
  done,
  happened,
  refused,
  settled,
  PluginError,
  type ActionDefinition,
  type CallbackDefinition,
  type ConnectionDefinition,
  type ConnectionHealth,
  type Json,
  type AskedStep,
  type Awaitable,
  type HappenedReport,
  type HeardAnswer,
  type InboundMessage,
  type JsonObject,
  type LinkGrant,
  type LinkMaker,
  type OpenConnection,
  type OptionPage,
  type OptionQuery,
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
  type Refusal,
  type ReportingHabit,
  type ReportSubject,
  type Reconciliation,
  type RunningSandbox,
  type SandboxDefinition,
  type SandboxItem,
  type SandboxMove,
  type SandboxOptions,
  type SettledReport,
} from './contract.ts';
export {
  createCallbackQueue,
  type CallbackQueue,
  type CallbackQueueOptions,
  type OutgoingCallback,
} from './callback-queue.ts';
export { definePlugin, manifestOf, PluginDefinitionError } from './define.ts';
export { errorOfLine, errorOfStatus, pauseOf } from './http-errors.ts';
export { openJournal, type Journal } from './journal.ts';
export { profileFaults, type ProfileUse } from './profile.ts';
export { createRegistry, type LiveRegistry, type PluginRegistry } from './registry.ts';
export { renderConfig, RenderError, type RenderContext } from './render.ts';
export { isSameText, isSigned, signatureHeader, signatureWindowMs, signBody } from './signature.ts';
export type { NewTask, TaskAppointment, TaskList } from './task-list.ts';
export { checkValue } from '@sojourn/schemas';
