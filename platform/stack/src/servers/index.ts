export { catalogue, platformName, type ServerBinary, type ServerName } from './catalogue.ts';
export {
  ProvisionError,
  StackError,
  reasonOf,
  systemCodeOf,
  type FailedAttempt,
  type StackErrorCode,
} from './errors.ts';
export { homePathOf, lookIntoHome, openHome, type Home, type HomeRecord } from './home.ts';
export { lockWithin } from './lock.ts';
export { mongodUri, startMongod, type RunningServer, type ServerOptions } from './mongod.ts';
export { freePort, isPortFree, requireFreePort } from './ports.ts';
export { endOrphan, supervise, type ServerState, type Supervised } from './process.ts';
export {
  cacheDirectoryOf,
  provision,
  type Provisioned,
  type ProvisionOptions,
  type ProvisionReport,
} from './provision.ts';
export { startTemporal } from './temporal.ts';
