export { fhirCallbacks, subjectIn, type ReportedBundle } from './callbacks.ts';
export { createFhirClient, effectKeyOf, type FhirClient, type FhirSettings } from './client.ts';
export {
  extensionOf,
  extensionsOf,
  identifierOf,
  idIn,
  isDay,
  present,
  textIn,
} from './elements.ts';
export { shapes } from './shapes.ts';
export { fhirConnection } from './connection.ts';
export { effectSystem, subjectSystem, type FhirBundle, type FhirResource } from './resource.ts';
export {
  createFhirSandbox,
  type FhirChange,
  type FhirProvider,
  type FhirRecord,
  type FhirShelf,
} from './sandbox.ts';
export { FhirFault } from './server.ts';
