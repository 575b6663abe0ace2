import { isTooEarly, transition, type Plan, type RunEvent, type RunState } from '@sojourn/engine';

// Which messages of an inbox a run has not handled, by its checkpoint alone.
//
//   M1. One that is among the handled ones was handled. Only so many are remembered: when their number is at its limit, what
//       is older than the oldest that is remembered was handled, too.
//   M2. One that changes nothing was handled, or need not be. Messages are tried one after the other, as the run would hear
//       them: after one that ends it, nothing else counts.
//   M3. Of the changes of a subject the latest alone counts: an earlier one, told late, would bring back what was.

/** So many handled ids the engine remembers at most; fewer are never forgotten. */
const rememberedAtMost = 1_000;

/** The messages that would still change a run that stands at this checkpoint, in their order. */
export function missedMessages<Message extends { message: RunEvent }>(
  plan: Plan,
  state: RunState,
  inbox: readonly Message[],
): Message[] {
  if (state.status === 'ended') return [];
  const handled = new Set(state.seen);
  const oldest =
    state.seen.length < rememberedAtMost
      ? 0
      : inbox.findIndex(({ message }) => handled.has(idOf(message))); // M1
  const lastChange = inbox.findLastIndex(({ message }) => message.type === 'subject.changed');
  let reached = state;
  return inbox.filter(({ message }, index) => {
    if (index < oldest || handled.has(idOf(message))) return false; // M1
    if (message.type === 'subject.changed' && index !== lastChange) return false; // M3
    if (isTooEarly(reached, message)) return true; // what it is about has not been answered
    const next = transition(plan, reached, message).state;
    if (next === reached) return false; // M2
    reached = next;
    return true;
  });
}

const idOf = (message: RunEvent): string => ('id' in message ? (message.id ?? '') : '');
