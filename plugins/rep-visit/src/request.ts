import {
  accepted,
  PluginError,
  type PerformRequest,
  type PerformResult,
  type PluginContext,
  type PluginSubject,
} from '@sojourn/plugin-kit';
import { isAddress } from '@sojourn/plugin-kit/mail';
import { sendInvitation } from './invitation.ts';
import { reportForm } from './report-form.ts';
import { channelsFor, route, type ChannelMix } from './route.ts';
import { assertNoPrescriptionData, type Question } from './rules.ts';
import { settingsOf, type Channel, type Representative } from './settings.ts';
import { slotFor, type WindowConfig } from './slot.ts';
import type { TaskList } from '@sojourn/plugin-kit';
import { referenceOf } from './visit.ts';

/** A rendered config of `rep-visit/request`. */
export interface RequestConfig extends ChannelMix, WindowConfig {
  topic: string;
  brief?: string;
  purpose?: Purpose;
  territory?: string;
  class?: string;
  place?: string;
  questions?: Question[];
}

type Purpose = 'unsolicited' | 'requested' | 'safety-follow-up' | 'group-meeting';

/**
 * Gives a visit to a representative: a task in their list, and an invitation. Both are the same again under the same key. An
 * address that is refused for good takes the task back; after a fault that can be repaired the retry finds it where it is.
 */
export async function request(
  { config, subject, idempotencyKey }: PerformRequest,
  context: PluginContext,
  list: TaskList,
): Promise<PerformResult> {
  const settings = settingsOf(context);
  const asked = config as unknown as RequestConfig;
  const { questions = [], durationMinutes = 30, place } = asked;
  if (settings.rules?.noPrescriptionData === true) assertNoPrescriptionData(questions);
  if (subject.type === 'patient') assertTellsNothing(asked, subject);
  const own = (name: string): string | undefined => textOf(subject.attributes[name]);
  const found = route(settings.representatives, {
    territory: textOf(asked.territory) ?? own('territory') ?? '',
    channels: channelsFor(asked, textOf(asked.class) ?? own('class')),
    subject: `${subject.type}/${subject.key}`,
  });
  if (!found)
    throw fault(
      'no-representative',
      "none of the connection's representatives has the territory and one of the channels: add one, or widen the step's 'channels'",
    );
  const { representative, channel } = found;
  if (!isAddress(representative.email))
    throw fault('bad-address', `representative '${representative.id}' has no plain e-mail address`);
  const now = context.clock();
  const { timeZone } = representative;
  const start = slotFor(asked, { timeZone, key: idempotencyKey, now });
  if (start === undefined)
    throw fault(
      'no-time',
      "the window has no working hour of the representative's: check 'window' or 'within', and their 'timeZone'",
    );
  const taskId = await list.assign({
    ...{ key: idempotencyKey, at: now, priority: 'normal' },
    subject: { type: subject.type, key: subject.key },
    queue: `rep:${representative.id}`,
    title: asked.topic,
    script: scriptOf(asked, channel, representative, start),
    dueAt: start + durationMinutes * 60_000,
    appointment: {
      ...{ start, end: start + durationMinutes * 60_000, location: placeOf(channel, place) },
    },
    form: reportForm(questions),
    outcomes: [
      { port: 'done', label: 'Visit made' },
      { port: 'declined', label: 'Declined' },
      { port: 'no-show', label: 'Nobody there' },
    ],
  });
  const visit = { taskId, repId: representative.id, durationMinutes };
  try {
    await sendInvitation(
      {
        ...{ visit, representative, method: 'REQUEST', sequence: 0, start },
        summary: asked.topic,
        location: placeOf(channel, place),
      },
      settings,
      context,
    );
  } catch (error) {
    if (error instanceof PluginError && error.kind === 'permanent')
      await list.withdraw(taskId, now);
    throw error;
  }
  return accepted(referenceOf(visit));
}

const channelNames = { 'face-to-face': 'Face to face', online: 'Online', phone: 'By phone' };
const purposeNames: Record<Purpose, string> = {
  unsolicited: 'Unsolicited call: counts towards the call rate',
  requested: 'Requested by the person visited: does not count towards the call rate',
  'safety-follow-up': 'Follow-up of a safety report: does not count towards the call rate',
  'group-meeting': 'Group meeting: does not count towards the call rate',
};

/** What the representative reads in the list. */
function scriptOf(
  { brief, purpose = 'unsolicited', place }: RequestConfig,
  channel: Channel,
  { timeZone }: Representative,
  start: number,
): string {
  const when = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, dateStyle: 'full', timeStyle: 'short' },
  }).format(start);
  const facts = [
    `- ${channelNames[channel]}, ${when} (${timeZone})`,
    ...(place === undefined ? [] : [`- ${place.replace(/\s+/g, ' ')}`]),
    `- ${purposeNames[purpose]}`,
  ];
  return [facts.join('\n'), ...(brief === undefined ? [] : [brief])].join('\n\n');
}

const placeOf = (channel: Channel, place: string | undefined): string =>
  channel === 'face-to-face' ? (place ?? channelNames[channel]) : channelNames[channel];

/** Attributes by which somebody is known. */
const known = /name|phone|mobile|mail|address|birth|passport|number/i;

/** Throws `PluginError` when what leaves for a representative tells who a patient is. */
function assertTellsNothing({ topic, brief = '', place }: RequestConfig, subject: PluginSubject) {
  const told = Object.entries(subject.attributes).some(
    ([name, value]) =>
      known.test(name) &&
      typeof value === 'string' &&
      value.length > 1 &&
      `${topic}\n${brief}`.includes(value),
  );
  if (told || place !== undefined)
    throw fault(
      'personal-data',
      "a patient's personal data would leave for a representative: take it out of 'topic' and 'brief', and leave out 'place'",
    );
}

const fault = (code: string, detail: string): PluginError =>
  new PluginError({ code, kind: 'config', detail });

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
