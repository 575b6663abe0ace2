import {
  calendarRequestValidator,
  changeJourneyRequestValidator,
  commandRequestValidator,
  connectionValidator,
  consentRequestValidator,
  createJourneyRequestValidator,
  diagnosticsRequestValidator,
  enrolRequestValidator,
  faultsOf,
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
  type CalendarRequest,
  type ChangeJourneyRequest,
  type CommandRequest,
  type ConnectionInput,
  type ConsentRequest,
  type CreateJourneyRequest,
  type DiagnosticsRequest,
  type EnrolRequest,
  type OptionsRequest,
  type PlayerRequest,
  type PreviewRequest,
  type PreviewSendRequest,
  type PublishRequest,
  type ResolutionRequest,
  type SandboxActionRequest,
  type SimulationRequest,
  type SubjectPatchRequest,
  type TaskHandOverRequest,
  type TaskOutcomeRequest,
  type TourRequest,
  type UpgradeRequest,
} from '@sojourn/schemas';
import { InvalidInputError } from './problems.ts';

/** The bodies that requests have, by the name of their schema. */
export interface RequestBodies {
  CalendarRequest: CalendarRequest;
  ChangeJourneyRequest: ChangeJourneyRequest;
  CommandRequest: CommandRequest;
  ConnectionInput: ConnectionInput;
  ConsentRequest: ConsentRequest;
  CreateJourneyRequest: CreateJourneyRequest;
  DiagnosticsRequest: DiagnosticsRequest;
  EnrolRequest: EnrolRequest;
  OptionsRequest: OptionsRequest;
  PlayerRequest: PlayerRequest;
  PreviewRequest: PreviewRequest;
  PreviewSendRequest: PreviewSendRequest;
  PublishRequest: PublishRequest;
  ResolutionRequest: ResolutionRequest;
  SandboxActionRequest: SandboxActionRequest;
  SimulationRequest: SimulationRequest;
  SubjectPatchRequest: SubjectPatchRequest;
  TaskHandOverRequest: TaskHandOverRequest;
  TaskOutcomeRequest: TaskOutcomeRequest;
  TourRequest: TourRequest;
  UpgradeRequest: UpgradeRequest;
}

export type RequestName = keyof RequestBodies;

const validators = {
  CalendarRequest: calendarRequestValidator,
  ChangeJourneyRequest: changeJourneyRequestValidator,
  CommandRequest: commandRequestValidator,
  ConnectionInput: connectionValidator,
  ConsentRequest: consentRequestValidator,
  CreateJourneyRequest: createJourneyRequestValidator,
  DiagnosticsRequest: diagnosticsRequestValidator,
  EnrolRequest: enrolRequestValidator,
  OptionsRequest: optionsRequestValidator,
  PlayerRequest: playerRequestValidator,
  PreviewRequest: previewRequestValidator,
  PreviewSendRequest: previewSendRequestValidator,
  PublishRequest: publishRequestValidator,
  ResolutionRequest: resolutionRequestValidator,
  SandboxActionRequest: sandboxActionRequestValidator,
  SimulationRequest: simulationValidator,
  SubjectPatchRequest: subjectPatchRequestValidator,
  TaskHandOverRequest: taskHandOverRequestValidator,
  TaskOutcomeRequest: taskOutcomeRequestValidator,
  TourRequest: tourRequestValidator,
  UpgradeRequest: upgradeRequestValidator,
} satisfies Record<RequestName, unknown>;

/** Throws with every fault of a body. */
export function requireValid(name: RequestName, body: unknown): void {
  const faults = faultsOf(validators[name], body);
  const first = faults[0];
  if (first)
    throw new InvalidInputError(
      'input-invalid',
      `${first.pointer || 'the body'}: ${first.detail}`,
      faults,
    );
}
