export { createMemoryStore } from './memory/index.ts';
export {
  ReplicaSetAccessError,
  prepareReplicaSet,
  type ReplicaSetOptions,
} from './mongo/bootstrap.ts';
export { createMongoStore, type MongoStoreOptions } from './mongo/index.ts';
export { generationOfOwn, SubjectErasedError, type SubjectKey } from './keys.ts';
export { DeploymentKeyError, type Root } from './root-record.ts';
export { fixedRoots, keyUnder, type Roots } from './roots.ts';
export { InvalidCursorError } from './pages.ts';
export type * from './ports.ts';
export {
  createSealer,
  openSettings,
  sealSettings,
  secretFields,
  shownSettings,
  type Sealer,
} from './sealing.ts';
