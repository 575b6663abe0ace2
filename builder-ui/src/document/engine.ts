// The engine's compiler and ports, as the builder uses them: the same functions that the API calls.
export { portsOf, type Diagnostic, type Port } from '@sojourn/engine';
