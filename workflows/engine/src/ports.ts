import type { ActionManifest, ActionStep, PluginManifest, Step } from '@sojourn/schemas';
import { calledVersion, type CalledJourney } from './compile/environment.ts';
import { isObject, valueAt } from './json.ts';

/** A named way out of a step. */
export interface Port {
  port: string;
  /** Whether publishing needs an edge here. `failed` and `timeout` become an incident without one. */
  required: boolean;
}

/** The manifest of the action a step uses; undefined when no plugin offers it. */
export function actionManifest(
  step: Pick<ActionStep, 'uses'>,
  manifests: readonly PluginManifest[],
): { plugin: PluginManifest; action: ActionManifest; name: string } | undefined {
  const [pluginId = '', name = ''] = step.uses.split('/');
  const plugin = manifests.find((manifest) => manifest.id === pluginId);
  const action = plugin && Object.hasOwn(plugin.actions, name) ? plugin.actions[name] : undefined;
  return plugin && action ? { plugin, action, name } : undefined;
}

/** Every port of a step, in the order in which a canvas shows them; undefined when they cannot be known (unknown action, unknown journey). */
export function portsOf(
  step: Step,
  manifests: readonly PluginManifest[],
  journeys: readonly CalledJourney[] = [],
): Port[] | undefined {
  const required = (names: string[]): Port[] => names.map((port) => ({ port, required: true }));
  switch (step.kind) {
    case 'action': {
      const found = actionManifest(step, manifests);
      return found && actionPorts(step, found.action);
    }
    case 'wait':
      return required([...new Set(step.for.map((alternative) => alternative.port))]);
    case 'branch':
      return required([...new Set(step.cases.map((item) => item.port)), 'else']);
    case 'split':
      return required([...new Set(step.arms.map((arm) => arm.port))]);
    case 'parallel':
      return required(step.branches);
    case 'join':
      return required(['joined']);
    case 'repeat':
      return required(['again', 'done']);
    case 'set':
      return required(['next']);
    case 'call': {
      const called = calledVersion(step, journeys);
      return (
        called && [
          ...required(called.outcomes.filter((port) => port !== 'failed')),
          { port: 'failed', required: false },
        ]
      );
    }
    case 'end':
      return [];
  }
}

function actionPorts(step: ActionStep, action: ActionManifest): Port[] {
  const ports: Port[] = outcomesOf(action, step.with ?? {}).map((port) => ({
    port,
    required: true,
  }));
  ports.push({ port: 'failed', required: false });
  const timed = step.deadline !== undefined || action.settles === 'later';
  if (timed && action.deadlineOutcome === undefined)
    ports.push({ port: 'timeout', required: false });
  if (action.contact === true)
    ports.push({ port: 'suppressed', required: action.whenSuppressed === undefined });
  return ports;
}

/** The outcomes of an action: as its manifest lists them, or as the config does that it points into. */
export function outcomesOf(action: ActionManifest, config: Record<string, unknown>): string[] {
  if (Array.isArray(action.outcomes)) return action.outcomes;
  const { from, key, also } = action.outcomes;
  const list = valueAt(config, from.split('/').slice(1));
  const names = Array.isArray(list)
    ? list.flatMap((item) => (isObject(item) && typeof item[key] === 'string' ? item[key] : []))
    : [];
  return [...new Set([...names, ...(also ?? [])])];
}
