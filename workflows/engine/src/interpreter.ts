// What the workflow sees of the engine: the interpreter without the compiler, so that its bundle stays small.
export type * from './plan.ts';
export type * from './run.ts';
export { transition } from './interpreter/transition.ts';
export { initialState } from './interpreter/start.ts';
export { plainScopeOf as scopeOf } from './interpreter/scope.ts';
export { evaluate, type Evaluation, type Scope } from './expressions/evaluate.ts';
export {
  effectName,
  incidentsOf,
  inputOf,
  isStill,
  isTooEarly,
  nextWakeAt,
  outstandingEffects,
  positionsOf,
  type Position,
  type RunIncident,
} from './views.ts';
