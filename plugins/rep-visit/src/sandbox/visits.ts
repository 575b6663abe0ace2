import type { SandboxItem, SandboxMove } from '@sojourn/plugin-kit';
import { openJournal } from '@sojourn/plugin-kit/mail';

/** How an appointment stands in the representative's calendar. */
export type VisitState = 'asked' | 'accepted' | 'declined' | 'counter' | 'cancelled';

/** An appointment in a representative's calendar. */
export interface CalendarEntry {
  /** The UID. */
  id: string;
  /** The representative's address. */
  to: string;
  organizer: string;
  title: string;
  location: string;
  /** RFC 3339 */
  start: string;
  end: string;
  sequence: number;
  /** Of the first mail about it. */
  messageId: string;
  /** RFC 3339: when that came. */
  at: string;
  state: VisitState;
}

/** Calendars kept in one append-only file. */
export interface Calendars {
  /** Stores an appointment, in place of the one with its id. */
  put(entry: CalendarEntry): CalendarEntry;
  get(id: string): CalendarEntry | undefined;
  /** Newest first; of one representative when `to` is given. */
  list(filter: { to?: string; limit: number }): CalendarEntry[];
  has(messageId: string): boolean;
  close(): void;
}

/** Opens the calendars in a folder. */
export function openCalendars(directory: string): Calendars {
  const journal = openJournal<CalendarEntry>(directory, 'visits.jsonl');
  const entries = new Map<string, CalendarEntry>();
  const messageIds = new Set<string>();
  const remember = (entry: CalendarEntry): void => {
    entries.set(entry.id, entry);
    messageIds.add(entry.messageId);
  };
  for (const entry of journal.entries) remember(entry);
  return {
    put(entry) {
      journal.write(entry);
      remember(entry);
      return entry;
    },
    get: (id) => entries.get(id),
    list: ({ to, limit }) =>
      [...entries.values()]
        .reverse()
        .filter((entry) => to === undefined || entry.to.toLowerCase() === to.toLowerCase())
        .slice(0, limit),
    has: (messageId) => messageIds.has(messageId),
    close: () => journal.close(),
  };
}

const title = (en: string, hant: string, hans: string) => ({
  ...{ en, 'zh-Hant': hant, 'zh-Hans': hans },
});
const accept: SandboxMove = { type: 'accept', title: title('Accept', '接受', '接受') };
const decline: SandboxMove = {
  ...{ type: 'decline', title: title('Decline', '婉拒', '谢绝'), harm: true },
};
const otherTime = (start: string): SandboxMove => ({
  type: 'other-time',
  title: title('Propose another time', '提議其他時間', '提议其他时间'),
  input: {
    ...{ type: 'object', additionalProperties: false, required: ['start'] },
    properties: {
      start: {
        ...{ type: 'string', format: 'date-time', title: 'Start', default: nextDay(start) },
        'x-title': title('Start', '開始時間', '开始时间'),
      },
    },
  },
});

/** What the representative can do with an appointment now. */
export function movesOf({ state, start }: CalendarEntry): SandboxMove[] {
  switch (state) {
    case 'asked':
    case 'counter':
      return [accept, otherTime(start), decline];
    case 'accepted':
      return [otherTime(start), decline];
    case 'declined':
    case 'cancelled':
      return [];
  }
}

/** An appointment as a sandbox item. */
export function asItem(entry: CalendarEntry): SandboxItem {
  return { ...entry, moves: movesOf(entry) };
}

const nextDay = (start: string): string =>
  new Date(Date.parse(start) + 86_400_000).toISOString().replace('.000Z', 'Z');
