export { createApi, type Api } from './app.ts';
export {
  callbackUrlOf,
  createLinkSigner,
  linksFor,
  webhookUrlOf,
  type LinkClaim,
  type LinkSigner,
} from './links.ts';
export { createPlatform, type Platform } from './platform.ts';
export type { ApiDependencies, ApiSettings, Clock, Log, PartStatus, RunHost } from './ports.ts';
export { ensureOwner, issueSignIn, issueToken, isToken } from './services/access.ts';
export type { Caller } from './services/audit.ts';
export { createIds, type Ids } from './services/ids.ts';
export { droppedVersions, droppedWords, type DroppedVersion } from './services/schema-versions.ts';
export { installPolicies } from './services/policies.ts';
export { working, type SimulationResult, type SimulationWork } from './simulations/work.ts';
