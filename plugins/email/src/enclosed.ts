import { PluginError } from '@sojourn/plugin-kit';
import {
  calendarText,
  domainOf,
  hashOf,
  instantOf,
  type OutgoingMail,
} from '@sojourn/plugin-kit/mail';

/** A file of a mail. */
export interface Attachment {
  filename: string;
  content: string;
  contentType?: string;
}

/** An appointment of a mail. */
export interface CalendarConfig {
  start: string;
  end: string;
  summary: string;
  location?: string;
  description?: string;
  timeZone?: string;
}

/** All files of a mail together, in characters. */
const mostCharacters = 500_000;

/** The files as they are sent. Throws `PluginError` of kind `config` when they are too long. */
export function enclosedFiles(
  files: readonly Attachment[],
): NonNullable<OutgoingMail['attachments']> {
  const characters = files.reduce((sum, { content }) => sum + content.length, 0);
  if (characters > mostCharacters)
    throw new PluginError({
      code: 'attachments-too-long',
      kind: 'config',
      detail: `'attachments' have ${characters} characters together: ${mostCharacters} at most`,
    });
  return files.map(({ filename, content, contentType = 'text/plain' }) => ({
    ...{ filename: filename.replace(/[\\/\p{Cc}]/gu, '_'), content },
    contentType: `${contentType}; charset=utf-8`,
  }));
}

/** The appointment as it is sent: to be kept, not to be answered. Throws `PluginError` of kind `config`. */
export function enclosedCalendar(
  { start, end, timeZone = 'UTC', ...words }: CalendarConfig,
  given: { idempotencyKey: string; from: string; now: number },
): NonNullable<OutgoingMail['calendar']> {
  const [from, to] = [instantOf(start, timeZone), instantOf(end, timeZone)];
  if (from === undefined || to === undefined || to < from)
    throw new PluginError({
      code: 'calendar-invalid',
      kind: 'config',
      detail:
        "'calendar' has no start and end: give dates and times, as 2027-01-05T09:30 with a 'timeZone' such as Asia/Taipei, or with an offset, and the end after the start",
    });
  const method = 'PUBLISH';
  const content = calendarText({
    ...{ method, sequence: 0, start: from, end: to, stampedAt: given.now },
    uid: `${hashOf(given.idempotencyKey)}@${domainOf(given.from)}`,
    ...words,
  });
  return { method, content };
}
