import { effectName, inputOf, type Plan, type Token } from '@sojourn/engine';
import type { InboundMessage, PluginRegistry } from '@sojourn/plugin-kit';
import type { Store } from '@sojourn/store';
import type { JsonObject } from '@sojourn/engine';

/** A step that asked somebody something, and how what they wrote ends it. */
export interface Answered {
  /** `runId/stepId#visit`. */
  effect: string;
  outcome: string;
  output: JsonObject;
}

export interface AnswersDependencies {
  store: Pick<Store, 'runs' | 'effects'>;
  plans: { byHash(hash: string): Promise<Pick<Plan, 'steps'>> };
  registry: PluginRegistry;
}

/** Finds what a message answers. */
export type Answers = (
  message: InboundMessage,
  from: { plugin: string; connection: string; subject: { type: string; key: string } },
) => Promise<Answered | undefined>;

/**
 * Finds the step that asked: of all that stand at an action of that plugin which hears answers, sent through that connection, the one
 * that asked last and to which the message says something.
 */
export function createAnswers({ store, plans, registry }: AnswersDependencies): Answers {
  return async (message, { plugin, connection, subject }) => {
    const asked: { effect: string; token: Token; answer: () => Promise<Answered | undefined> }[] =
      [];
    for (const run of await store.runs.openOfSubject(subject.type, subject.key)) {
      const [plan, state] = await Promise.all([
        plans.byHash(run.planHash),
        store.runs.state(run.id),
      ]);
      for (const token of state?.tokens ?? []) {
        const step = plan.steps[token.step];
        if (step?.kind !== 'action' || step.plugin !== plugin) continue;
        if (token.doing.type !== 'accepted' && token.doing.type !== 'performing') continue;
        const definition = registry.action(plugin, step.action, step.schemaVersion);
        const answer = definition?.answer?.bind(definition);
        if (!answer) continue;
        const effect = `${run.id}/${effectName(token)}`;
        asked.push({
          effect,
          token,
          async answer() {
            const said = await answer(message, inputOf(step.with, token));
            return said && { effect, ...said };
          },
        });
      }
    }
    asked.sort((one, other) => other.token.since - one.token.since);
    for (const { effect, answer } of asked) {
      const sent = await store.effects.get(effect);
      if (sent?.connection !== connection) continue;
      const found = await answer();
      if (found) return found;
    }
    return undefined;
  };
}
