import { initialState } from '../interpreter/start.ts';
import { transition } from '../interpreter/transition.ts';
import type { Json, JsonObject, Plan } from '../plan.ts';
import type { Effect, RunCommand, RunEvent, RunState, TrailEntry } from '../run.ts';
import { nextWakeAt } from '../views.ts';

/** How an effect ends in a story: an event without its effect and instant, or nothing yet. */
export type Reply = Omit<Extract<RunEvent, { effect: string }>, 'at' | 'effect'> | undefined;

/** A run told as a story, in virtual time, over the real engine. */
export class Story {
  state: RunState;
  readonly trail: TrailEntry[] = [];
  readonly effects: Effect[] = [];
  now: number;
  private readonly plan: Plan;
  private readonly reply: (effect: Extract<Effect, { type: 'perform' }>) => Reply;
  private count = 0;

  constructor(
    plan: Plan,
    given: {
      at: string;
      subject?: { key: string; attributes?: JsonObject };
      entry?: JsonObject;
      reply?: Story['reply'];
    },
  ) {
    this.plan = plan;
    this.now = Date.parse(given.at);
    this.reply =
      given.reply ?? (() => ({ type: 'effect.settled', outcome: 'sent', output: {} }) as Reply);
    this.state = initialState(plan, {
      runId: 'run-1',
      key: given.subject?.key ?? 'p1',
      subject: {
        type: 'patient',
        key: given.subject?.key ?? 'p1',
        attributes: given.subject?.attributes ?? {},
      },
      entry: given.entry ?? {},
      at: this.now,
    });
  }

  /** Starts the run. */
  starts(): this {
    return this.handles({ type: 'run.started', at: this.now });
  }

  /** Hands one event to the engine, and answers the effects it asks for. The state goes through JSON each time. */
  handles(event: RunEvent): this {
    const state = JSON.parse(JSON.stringify(this.state)) as RunState;
    const next = transition(this.plan, state, event);
    this.state = next.state;
    this.trail.push(...next.trail);
    this.effects.push(...next.effects);
    for (const effect of next.effects) {
      if (effect.type !== 'perform') continue;
      const reply = this.reply(effect);
      if (reply) this.handles({ ...reply, at: this.now, effect: effect.effect } as RunEvent);
    }
    return this;
  }

  /** An event about the subject is accepted now. */
  hears(type: string, data: JsonObject = {}, id = `event-${(this.count += 1)}`): this {
    return this.handles({
      type: 'event.received',
      at: this.now,
      id,
      event: { id, type, source: 'test', acceptedAt: this.now, data },
    });
  }

  /** The subject's attributes become these. */
  changes(attributes: JsonObject): this {
    return this.handles({
      type: 'subject.changed',
      at: this.now,
      id: `change-${(this.count += 1)}`,
      attributes,
    });
  }

  /** An operator gives a command. */
  commands(command: Partial<RunCommand> & Pick<RunCommand, 'type'>): this {
    const id = `command-${(this.count += 1)}`;
    return this.handles({
      type: 'command.given',
      at: this.now,
      id,
      command: { by: 'op', reason: 'test', ...command },
    });
  }

  /** Time passes to an instant; what is due on the way is fired when it is due. */
  passesTo(instant: string): this {
    const until = Date.parse(instant);
    for (
      let due = nextWakeAt(this.state);
      due !== undefined && due <= until;
      due = nextWakeAt(this.state)
    ) {
      this.now = Math.max(this.now, due);
      this.handles({ type: 'timer.fired', at: this.now });
    }
    this.now = until;
    return this;
  }

  /** `step#visit → port`, in order. */
  path(): string[] {
    return this.trail
      .filter((entry) => entry.what === 'left')
      .map((entry) => `${entry.step ?? ''}#${entry.visit ?? 0} ${entry.because['port'] as string}`);
  }

  /** When a visit of a step was left. */
  leftAt(effect: string): string | undefined {
    const entry = this.trail.find(
      (item) => item.what === 'left' && `${item.step ?? ''}#${item.visit ?? 0}` === effect,
    );
    return entry && new Date(entry.at).toISOString();
  }

  /** The values behind the latest entry with this word. */
  because(what: TrailEntry['what']): JsonObject | undefined {
    return this.trail.findLast((entry) => entry.what === what)?.because;
  }

  /** The output of a step's latest passage. */
  output(step: string): Json | undefined {
    return this.state.passages[step]?.output;
  }
}
