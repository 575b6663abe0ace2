import type { ActionManifest, ActionStep, PluginManifest, Step } from '@sojourn/schemas';

/** The categories that colour, shape and order steps. */
export const categories = ['flow', 'wait', 'decide', 'contact', 'people', 'supply'] as const;
export type Category = (typeof categories)[number];

/** The looks of a step: which category, which icon. */
export interface Looks {
  category: Category;
  icon: string;
}

const fixed: Record<Exclude<Step['kind'], 'action' | 'wait'>, Looks> = {
  branch: { category: 'decide', icon: 'branch' },
  split: { category: 'decide', icon: 'split' },
  parallel: { category: 'flow', icon: 'parallel' },
  join: { category: 'flow', icon: 'join' },
  repeat: { category: 'flow', icon: 'repeat' },
  set: { category: 'flow', icon: 'set' },
  call: { category: 'flow', icon: 'call' },
  end: { category: 'flow', icon: 'end' },
};

/** How a step looks; an action looks as its plugin says. */
export function looksOf(step: Step, manifests: readonly PluginManifest[]): Looks {
  if (step.kind === 'wait') {
    const hears = step.for.some((alternative) => 'event' in alternative);
    return { category: 'wait', icon: hears ? 'event' : 'clock' };
  }
  if (step.kind !== 'action') return fixed[step.kind];
  const found = findAction(step.uses, manifests);
  return found ? actionLooks(found.plugin, found.action) : { category: 'contact', icon: 'plug' };
}

/** How an action looks on palette and canvas. */
export function actionLooks(plugin: PluginManifest, action: ActionManifest): Looks {
  const named = action.category ?? plugin.category ?? 'message';
  const category: Category = named === 'message' ? 'contact' : named === 'data' ? 'flow' : named;
  return { category, icon: action.icon ?? plugin.icon ?? 'plug' };
}

/** The plugin and action that `uses` names. */
export function findAction(
  uses: ActionStep['uses'],
  manifests: readonly PluginManifest[],
): { plugin: PluginManifest; action: ActionManifest } | undefined {
  const [pluginId = '', name = ''] = uses.split('/');
  const plugin = manifests.find((manifest) => manifest.id === pluginId);
  const action = plugin && Object.hasOwn(plugin.actions, name) ? plugin.actions[name] : undefined;
  return plugin && action ? { plugin, action } : undefined;
}

/** A step as it is when it comes from the palette. */
export function newStep(item: PaletteKind): Step {
  switch (item) {
    case 'wait-time':
      return { kind: 'wait', for: [{ port: 'due', after: 'P3D' }] };
    case 'wait-event':
      return {
        kind: 'wait',
        for: [
          { port: 'happened', event: 'event.name' },
          { port: 'late', after: 'P7D' },
        ],
      };
    case 'branch':
      return { kind: 'branch', cases: [{ port: 'yes', if: 'has(subject.email)' }] };
    case 'split':
      return {
        kind: 'split',
        arms: [
          { port: 'a', weight: 50 },
          { port: 'b', weight: 50 },
        ],
      };
    case 'parallel':
      return { kind: 'parallel', branches: ['first', 'second'] };
    case 'join':
      return { kind: 'join', of: '' };
    case 'call':
      return { kind: 'call', journey: '' };
    case 'repeat':
      return { kind: 'repeat', times: 3 };
    case 'set':
      return { kind: 'set', vars: { value: '0' } };
    case 'end':
      return { kind: 'end', outcome: 'completed' };
  }
}

/** An action as it is when it comes from the palette: with one outcome where its outcomes are written in the config. */
export function newAction(uses: ActionStep['uses'], { outcomes }: ActionManifest): ActionStep {
  if (Array.isArray(outcomes)) return { kind: 'action', uses, with: {} };
  const config = outcomes.from
    .split('/')
    .slice(1)
    .reduceRight<unknown>((inner, name) => ({ [name]: inner }), [{ [outcomes.key]: 'done' }]);
  return { kind: 'action', uses, with: config as Record<string, unknown> };
}

/** The steps that need no plugin. */
export const paletteKinds = [
  'repeat',
  'parallel',
  'join',
  'call',
  'set',
  'end',
  'wait-time',
  'wait-event',
  'branch',
  'split',
] as const;
export type PaletteKind = (typeof paletteKinds)[number];
