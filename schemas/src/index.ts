export type * from './generated/types.ts';
export {
  connectionSchema,
  eventSchema,
  journeySchema,
  manifestSchema,
} from './generated/schemas.ts';
export {
  connectionValidator,
  eventValidator,
  journeyValidator,
  manifestValidator,
} from './generated/validators.js';
export { escapePointer, faultsOf, type Fault } from './faults.ts';
export { localText } from './text.ts';
export { checkValue } from './values.ts';
