// The engine's compiler and ports, as the builder uses them: the same functions that the API calls.
export {
  calledVersion,
  outcomesOf,
  portsOf,
  type CalledJourney,
  type Diagnostic,
  type Port,
} from '@sojourn/engine';
