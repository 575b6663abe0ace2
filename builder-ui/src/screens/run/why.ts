import type { JourneyDocument, PluginManifest } from '@sojourn/schemas';
import type { Run, TrailEntry } from '../../api/shapes.ts';
import { portLabel, titleOf } from '../../document/summaries.ts';
import type { Words } from '../../i18n/use-words.ts';

/** What a sentence about a run is made from. */
export interface Story {
  run: Run;
  trail: readonly TrailEntry[];
  document: JourneyDocument | undefined;
  manifests: readonly PluginManifest[];
  /** What the person with this id is called. */
  nameOf: (id: string) => string;
}

/** The name of a step in a story. */
export function stepTitle(
  id: string | null | undefined,
  { document, manifests }: Pick<Story, 'document' | 'manifests'>,
  words: Words,
): string {
  const step = id ? document?.steps[id] : undefined;
  return id && step ? titleOf(id, step, manifests, words) : (id ?? '');
}

/** Why this person is where they are, in a sentence or three, written from the trail. */
export function whyHere(story: Story, words: Words): string {
  const { run, trail } = story;
  const { t } = words;
  if (run.status === 'ended') return endedBecause(story, words);
  const [position] = run.positions;
  if (!position) return t('why.started');
  const here = stepTitle(position.step, story, words);
  const entered = trail.findLast(
    (entry) =>
      entry.what === 'entered' && entry.step === position.step && entry.visit === position.visit,
  );
  const cause = trail.findLast(
    (entry) =>
      entry.what === 'left' &&
      entry.seq < (entered?.seq ?? Infinity) &&
      entry.because['to'] === position.step,
  );
  const sentences = [
    cause
      ? leftBecause(cause, here, story, words)
      : t('why.began', { step: here, time: words.moment(position.since) }),
    nowDoing(story, words),
  ];
  return sentences.filter(Boolean).join(' ');
}

function leftBecause(entry: TrailEntry, here: string, story: Story, words: Words): string {
  const step = entry.step ? story.document?.steps[entry.step] : undefined;
  const port = textAt(entry, 'port');
  const event = entry.because['event'];
  const values = {
    from: stepTitle(entry.step, story, words),
    port: step ? portLabel(step, port, words) : port,
    here,
    time: words.moment(entry.at),
    ...(typeof event === 'string' ? { event } : {}),
  };
  return words.t(typeof event === 'string' ? 'why.byEvent' : 'why.byPort', values);
}

function nowDoing({ run }: Story, words: Words): string {
  const { t } = words;
  const [incident] = run.incidents;
  if (incident) return t('why.incident', { code: incident.code, detail: incident.detail });
  if (run.status === 'held') return t('why.held');
  const [position] = run.positions;
  if (!position) return '';
  const { until, waitingFor } = position;
  if (until && waitingFor)
    return t('why.waitsForUntil', { what: waitingFor, time: words.moment(until) });
  if (until) return t('why.waitsUntil', { time: words.moment(until) });
  if (waitingFor) return t('why.waitsFor', { what: waitingFor });
  return t('why.working');
}

function endedBecause(story: Story, words: Words): string {
  const { run, trail } = story;
  const values = {
    outcome: (run.outcome ?? '').replaceAll('-', ' '),
    time: words.moment(run.endedAt ?? run.startedAt),
  };
  const exited = trail.findLast((entry) => entry.what === 'exited');
  if (exited) {
    const event = exited.because['event'];
    return words.t('why.exited', {
      ...values,
      exit: textAt(exited, 'exit'),
      cause: typeof event === 'string' ? event : textAt(exited, 'when'),
    });
  }
  const commanded = trail.findLast(
    (entry) => entry.what === 'commanded' && entry.because['type'] === 'end',
  );
  if (commanded)
    return words.t('why.endedBy', {
      ...values,
      by: story.nameOf(textAt(commanded, 'by')),
      reason: textAt(commanded, 'reason'),
    });
  return words.t('why.ended', values);
}

function textAt({ because }: TrailEntry, name: string): string {
  const value = because[name];
  return typeof value === 'string' ? value : '';
}
