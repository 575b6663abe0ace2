export type * from './generated/types.ts';
export {
  apiSchema,
  calendarSchema,
  connectionSchema,
  eventSchema,
  journeySchema,
  manifestSchema,
  policySchema,
  simulationSchema,
} from './generated/schemas.ts';
export { calendars } from './generated/calendars.ts';
export {
  calendarValidator,
  calendarRequestValidator,
  changeJourneyRequestValidator,
  commandRequestValidator,
  connectionValidator,
  consentRequestValidator,
  createJourneyRequestValidator,
  diagnosticsRequestValidator,
  enrolRequestValidator,
  eventValidator,
  journeyValidator,
  manifestValidator,
  policyValidator,
  optionsRequestValidator,
  playerRequestValidator,
  previewRequestValidator,
  previewSendRequestValidator,
  publishRequestValidator,
  resolutionRequestValidator,
  sandboxActionRequestValidator,
  simulationValidator,
  subjectPatchRequestValidator,
  taskHandOverRequestValidator,
  taskOutcomeRequestValidator,
  tourRequestValidator,
  upgradeRequestValidator,
} from './generated/validators.js';
export { escapePointer, faultsOf, withParents, type Fault } from './faults.ts';
export { localText } from './text.ts';
export { checkValue } from './values.ts';
