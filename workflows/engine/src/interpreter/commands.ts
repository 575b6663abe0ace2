import type { JsonObject } from '../plan.ts';
import type { RunCommand, Token } from '../run.ts';
import { isHere, note, setDoing, type Draft } from './draft.ts';
import { effectName, isStill } from '../views.ts';
import { endRun } from './ending.ts';
import { act, leave, lookAgain, perform, setDeadline } from './walk.ts';

/** Why a command does not apply to a run as it stands now; undefined when it does. */
export function refusalOf(draft: Draft, command: RunCommand): string | undefined {
  if (draft.state.status === 'ended') return 'the run has ended';
  switch (command.type) {
    case 'hold':
      return draft.state.status === 'held' ? 'the run is held already' : undefined;
    case 'resume':
      return draft.state.status === 'held' ? undefined : 'the run is not held';
    case 'retry':
      return retryRefusal(draft, command);
    case 'skip': {
      const token = tokensInIncident(draft, command)[0];
      if (!token) return 'no incident stands there';
      const step = draft.plan.steps[token.step];
      return command.port !== undefined && step?.to[command.port] !== undefined
        ? undefined
        : `port '${command.port ?? ''}' of step '${token.step}' leads nowhere`;
    }
    case 'freeze':
      return draft.state.frozen ? 'the run is frozen already' : undefined;
    case 'thaw':
      return draft.state.frozen ? undefined : 'the run is not frozen';
    case 'end':
      return undefined;
  }
}

function retryRefusal(draft: Draft, command: RunCommand): string | undefined {
  const tokens = tokensInIncident(draft, command);
  if (tokens.length === 0) return 'no incident stands there';
  if (command.input === undefined) return undefined;
  if (tokens.length > 1) return 'an edited input is for one step: say for which';
  const kind = draft.plan.steps[tokens[0]?.step ?? '']?.kind;
  return kind === 'action' || kind === 'call'
    ? undefined
    : `a step of kind '${kind ?? 'unknown'}' takes no input`;
}

/** Obeys an operator. A command that does not apply is noted as refused and changes nothing else. */
export function obey(draft: Draft, command: RunCommand, givenAt: number): void {
  const because: JsonObject = {
    type: command.type,
    by: command.by,
    reason: command.reason,
    ...(command.input === undefined ? {} : { input: command.input }),
  };
  const refusal = isOvertaken(draft, command, givenAt)
    ? 'a later word was given already'
    : refusalOf(draft, command);
  if (command.type === 'freeze' || command.type === 'thaw')
    draft.state.frozenWordAt = Math.max(givenAt, draft.state.frozenWordAt ?? 0);
  if (refusal !== undefined) {
    note(draft, 'refused', { ...because, detail: refusal });
    return;
  }
  const target = tokensInIncident(draft, command)[0];
  note(
    draft,
    'commanded',
    because,
    command.type === 'retry' || command.type === 'skip' ? target : undefined,
  );
  switch (command.type) {
    case 'hold':
      draft.state.status = 'held';
      return;
    case 'resume':
      draft.state.status = 'active';
      letGo(draft);
      return;
    case 'freeze':
      draft.state.frozen = true;
      return;
    case 'thaw':
      delete draft.state.frozen;
      letGo(draft);
      return;
    case 'retry':
      for (const token of tokensInIncident(draft, command)) retry(draft, token, command.input);
      return;
    case 'skip':
      if (target) leave(draft, target, command.port ?? '', null, { skipped: true });
      return;
    case 'end':
      endRun(draft, command.outcome ?? 'ended-by-operator', {
        by: command.by,
        reason: command.reason,
      });
      return;
  }
}

/** Whether a journey's word comes after a later one, which it must not undo. */
function isOvertaken(draft: Draft, { type }: RunCommand, givenAt: number): boolean {
  if (type !== 'freeze' && type !== 'thaw') return false;
  return givenAt < (draft.state.frozenWordAt ?? 0);
}

function tokensInIncident(draft: Draft, command: RunCommand): Token[] {
  return draft.state.tokens.filter(
    (token) =>
      token.doing.type === 'incident' &&
      (command.step === undefined || token.step === command.step) &&
      (command.visit === undefined || token.visit === command.visit),
  );
}

/** Asks for the same effect again; what was edited is another effect, with a name of its own. */
function retry(draft: Draft, token: Token, input: JsonObject | undefined): void {
  if (input !== undefined) {
    draft.state.left = [...draft.state.left, effectName(token)].slice(-100); // what still comes of it is noted
    const { times, input: earlier } = token.edited ?? { times: 0, input: {} };
    token.edited = { times: times + 1, input: { ...earlier, ...input } };
  }
  const step = draft.plan.steps[token.step];
  if (step?.kind === 'action') {
    setDeadline(draft, token, step.deadline); // its time begins anew
    perform(draft, token);
  } else act(draft, token);
}

/** What piled up while the run was held leaves now, in the order of its tokens. */
function letGo(draft: Draft): void {
  if (isStill(draft.state)) return; // held and frozen: both must be taken back
  for (const token of [...draft.state.tokens]) {
    if (token.doing.type === 'ready' && isHere(draft, token)) {
      const { port, output, because } = token.doing;
      setDoing(draft, token, { type: 'waiting', alternatives: [] });
      leave(draft, token, port, output, { ...because, held: true });
    }
  }
  lookAgain(draft, draft.state);
}
