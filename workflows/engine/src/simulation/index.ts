// The same engine in virtual time (docs/simulation.md).
export {
  simulate,
  simulating,
  type SimulationAnswer,
  type SimulationEnvironment,
  type SimulationProgress,
} from './simulate.ts';
export { prepareSimulation, type Prepared, type SimulationDefaults } from './prepare.ts';
export { SimulationError } from './spans.ts';
export type { SimulationRequest } from './request.ts';
export type { PersonAnswer } from './person.ts';
export type { Summary } from './collector.ts';
export { coverageOf, differencesOf, type Coverage, type Expectation } from './expectations.ts';
