export {
  ReplicaSetAccessError,
  prepareReplicaSet,
  type ReplicaSetOptions,
} from './mongo/bootstrap.ts';
export type * from './ports.ts';
