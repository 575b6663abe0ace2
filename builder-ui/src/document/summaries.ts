import {
  localText,
  type Alternative,
  type JourneyDocument,
  type PluginManifest,
  type Step,
} from '@sojourn/schemas';
import type { Words } from '../i18n/use-words.ts';
import { targetsOf } from './reading.ts';
import { findAction } from './kinds.ts';

const knownPorts = new Set(
  [
    'sent failed timeout suppressed else again done next joined due happened late yes no',
    'delivered undelivered declined no-show refused returned excursion other silent overdue',
    'enrolled documents-missing eligible not-eligible',
  ].flatMap((words) => words.split(' ')),
);

/** What a port is called on screens: well-known ones translated, others as their words. */
export function portText(port: string, words: Words): string {
  return knownPorts.has(port) ? words.t(`ports.${port}`) : port.replaceAll('-', ' ');
}

/** The port's name with what the step says about it: the share of a split's arm. */
export function portLabel(step: Step, port: string, words: Words): string {
  const name = portText(port, words);
  if (step.kind !== 'split') return name;
  const sum = step.arms.reduce((total, arm) => total + arm.weight, 0);
  const arm = step.arms.find((candidate) => candidate.port === port);
  if (!arm || sum <= 0) return name;
  const share = new Intl.NumberFormat(words.language, {
    style: 'percent',
    maximumFractionDigits: 1,
  }).format(arm.weight / sum);
  return `${name} ${share}`;
}

/** The designer's name for a step, else what the step is. */
export function titleOf(
  id: string,
  step: Step,
  manifests: readonly PluginManifest[],
  words: Words,
): string {
  const name = words.text(step.name);
  if (name !== '') return name;
  if (step.kind === 'action') {
    const found = findAction(step.uses, manifests);
    return found ? localText(found.action.title, words.language) : step.uses || id;
  }
  return kindText(step, words);
}

/** What kind of step it is, in a word or two. */
export function kindText(step: Step, words: Words): string {
  if (step.kind === 'wait')
    return words.t(
      step.for.some((alternative) => 'event' in alternative)
        ? 'kinds.wait-event'
        : 'kinds.wait-time',
    );
  return words.t(`kinds.${step.kind}`);
}

/** Line two of a card: what the step does, made from its config. */
export function summaryOf(
  id: string,
  document: JourneyDocument,
  manifests: readonly PluginManifest[],
  words: Words,
): string {
  const step = document.steps[id];
  if (!step) return '';
  const { t } = words;
  switch (step.kind) {
    case 'action':
      return actionSummary(step, manifests, words);
    case 'wait':
      return waitSummary(step.for, words);
    case 'branch':
      return step.cases.length === 1
        ? (step.cases[0]?.if ?? '')
        : t('summary.branch', { count: step.cases.length });
    case 'split':
      return t('summary.split', { weights: step.arms.map((arm) => arm.weight).join(' : ') });
    case 'parallel':
      return t('summary.parallel', { count: step.branches.length });
    case 'join':
      return joinSummary(step, document, manifests, words);
    case 'repeat': {
      const target = targetsOf(document, id).get('again');
      const to = target === undefined ? undefined : document.steps[target];
      const times = typeof step.times === 'number' ? words.number(step.times) : step.times.cel;
      return target !== undefined && to
        ? t('summary.repeatTo', { times, step: titleOf(target, to, manifests, words) })
        : t('summary.repeat', { times });
    }
    case 'set':
      return Object.entries(step.vars)
        .map(([name, value]) => `${name} = ${value}`)
        .join(', ');
    case 'call':
      return step.version === undefined ? step.journey : `${step.journey} v${step.version}`;
    case 'end':
      return t('summary.end', { outcome: step.outcome.replaceAll('-', ' ') });
  }
}

function joinSummary(
  { of, need = 'all' }: Extract<Step, { kind: 'join' }>,
  document: JourneyDocument,
  manifests: readonly PluginManifest[],
  words: Words,
): string {
  const parallel = document.steps[of];
  const count =
    typeof need === 'number' ? words.number(need) : words.t(`join.needs.${need}`).toLowerCase();
  return parallel
    ? words.t('summary.joinOf', { need: count, step: titleOf(of, parallel, manifests, words) })
    : words.t('summary.join', { need: count });
}

function actionSummary(
  step: Extract<Step, { kind: 'action' }>,
  manifests: readonly PluginManifest[],
  words: Words,
): string {
  const found = findAction(step.uses, manifests);
  const plugin = found ? localText(found.plugin.name, words.language) : step.uses;
  const subject = step.with?.['subject'];
  // A text that decides by itself what it says has no short form.
  if (typeof subject !== 'string' || subject === '' || subject.includes('{%')) return plugin;
  return `${plugin} · ${subject.replace(/\{\{\s*(?:[\w.]+\.)?(\w+)[^}]*\}\}/g, '{$1}')}`;
}

function waitSummary(alternatives: readonly Alternative[], words: Words): string {
  const event = alternatives.find((alternative) => 'event' in alternative);
  const after = alternatives.find((alternative) => 'after' in alternative);
  if (event && 'event' in event)
    return after && 'after' in after
      ? words.t('summary.eventWithin', { event: event.event, time: words.duration(after.after) })
      : event.event;
  return alternatives[0] ? alternativeText(alternatives[0], words) : '';
}

/** One alternative of a wait as a phrase. */
export function alternativeText(alternative: Alternative, words: Words): string {
  const { t } = words;
  if ('after' in alternative) return words.duration(alternative.after);
  if ('event' in alternative) return alternative.event;
  if ('when' in alternative) return alternative.when;
  if ('window' in alternative) {
    const { days, from, to } = alternative.window;
    const hours =
      from === undefined && to === undefined ? '' : `${from ?? '00:00'}–${to ?? '24:00'}`;
    return t('summary.window', {
      when: [days?.join(' '), hours].filter(Boolean).join(', '),
    }).trim();
  }
  const at = typeof alternative.at === 'string' ? alternative.at : alternative.at.cel;
  const { offset, time } = alternative;
  const shift =
    offset === undefined
      ? at
      : t(offset.startsWith('-') ? 'summary.before' : 'summary.afterDate', {
          time: words.duration(offset.replace(/^-/, '')),
          at,
        });
  return t('summary.until', { at: time === undefined ? shift : `${shift}, ${time}` });
}

/** What begins a journey, in a phrase. */
export function entrySummary(document: JourneyDocument, words: Words): string {
  const events = document.entry.flatMap((entry) => (entry.on === 'event' ? [entry.event] : []));
  const manual = document.entry.some((entry) => entry.on === 'manual');
  const phrases = [
    ...(events.length > 0 ? [words.t('summary.on', { events: events.join(', ') })] : []),
    ...(manual ? [words.t('summary.byHand')] : []),
  ];
  return phrases.join(' · ') || words.t('summary.noEntry');
}

/** What becomes of somebody who leaves by a port without an edge. */
export function openPortText(
  step: Step,
  port: string,
  required: boolean,
  manifests: readonly PluginManifest[],
  words: Words,
): string {
  if (required) return words.t('ports.leadsNowhere');
  if (port === 'suppressed' && step.kind === 'action') {
    const outcome = findAction(step.uses, manifests)?.action.whenSuppressed;
    if (outcome !== undefined) return words.t('ports.goesOnAs', { port: portText(outcome, words) });
  }
  return words.t('ports.becomesIncident');
}
