export * from './interpreter.ts';
export { compile, type Compilation } from './compile/compile.ts';
export {
  calledJourneyOf,
  calledVersion,
  type CalledJourney,
  type CompileEnvironment,
} from './compile/environment.ts';
export { diagnosticCodes, type Diagnostic, type DiagnosticCode } from './diagnostics.ts';
export { entryByHand, entryOfEvent, type EntryAnswer, type EntryEvent } from './entry.ts';
export { actionManifest, outcomesOf, portsOf, type Port } from './ports.ts';
export { configFaults } from './compile/config.ts';
export { checkValue } from '@sojourn/schemas';
export { canonicalJson, isObject, pick, sameJson } from './json.ts';
export { hashOf, sha256Hex, unitInterval } from './hash.ts';
export { addDuration, instantText, isZone, momentOf } from './time/instants.ts';
export { parseDuration } from './time/duration.ts';
export { splitArm } from './split.ts';
export * from './policies/index.ts';
export { expressionOf, isFault, rootNames } from './expressions/language.ts';
