import type { SandboxItem, SandboxMove } from '../../api/shapes.ts';

// What the places of the outside world hold, each in the words of its plugin, and how it is put in order. Pure.

/** A text to a phone (`out`, as we see it) or from one (`in`). */
export interface TextItem extends SandboxItem {
  direction: 'out' | 'in';
  from: string;
  text: string;
  encoding: string;
  parts: number;
}

/** A mail; `written` is the state of one that a person sent. */
export interface MailItem extends SandboxItem {
  from: string;
  subject: string;
  text: string;
  html?: string | null;
  links: string[];
  receivedAt: string;
  headers: Record<string, string | string[]>;
  attachments?: string[];
}

/** An appointment in a representative's calendar. */
export interface VisitItem extends SandboxItem {
  title: string;
  location: string;
  organizer: string;
  start: string;
  end: string;
}

/** An order at the pharmacy. */
export interface OrderItem extends SandboxItem {
  subject: string;
  medication: string;
  quantity: number | null;
  daysSupply: number | null;
  isCold: boolean;
  shipments: { id: string; part: number; status: string; expectedAt?: string; celsius?: number }[];
  reason?: string;
  replaces?: string;
  replacement?: string;
}

/** A case at the insurer. */
export interface CaseItem extends SandboxItem {
  subject: string;
  kind: 'enrollment' | 'check';
  plan: string;
  documents: string[];
  isAppeal: boolean;
  continues?: string;
  reason?: { code: string; text: string };
  missing?: string[];
  coverage?: { id: string; from: string; to?: string };
  appealableUntil?: string;
}

/** Everything that one phone got and wrote, oldest first. */
export interface Conversation {
  phone: string;
  texts: TextItem[];
}

/** The person's end of a text. */
export function phoneOf({ direction, to, from }: Pick<TextItem, 'direction' | 'to' | 'from'>) {
  return direction === 'out' ? to : from;
}

/** The person's end of a mail. */
export function mailboxOf({ state, to, from }: Pick<MailItem, 'state' | 'to' | 'from'>): string {
  return state === 'written' ? addressIn(from) : to;
}

/** The address within "Ada Lin <ada@example.org>". */
export function addressIn(text: string): string {
  return /<([^>]+)>/.exec(text)?.[1] ?? text.trim();
}

/** The name within "Ada Lin <ada@example.org>"; the address when there is none. */
export function nameIn(text: string): string {
  return text.replace(/\s*<.*>/, '').trim() || addressIn(text);
}

/** Texts by phone, the one with the latest text first. `texts` come newest first. */
export function conversationsIn(texts: readonly TextItem[]): Conversation[] {
  const byPhone = new Map<string, Conversation>();
  for (const text of texts) {
    const phone = phoneOf(text);
    const known = byPhone.get(sameAddress(phone)) ?? { phone, texts: [] };
    known.texts.unshift(text);
    byPhone.set(sameAddress(phone), known);
  }
  return [...byPhone.values()];
}

/** An address as it is compared: phones by their digits, all else by its letters in lower case. */
export function sameAddress(address: string): string {
  const plain = address.trim().toLowerCase();
  return /^\+?[\d\s().-]{3,}$/.test(plain) ? plain.replace(/\D/g, '') : plain;
}

/** The text that an answer goes to: the latest that can be answered, unless nothing can. */
export function answerable({ texts }: Conversation): TextItem | undefined {
  return texts.findLast(({ moves = [] }) => moves.some(({ type }) => type === 'reply'));
}

/** An answer at one press: words of the person's own, or a move as it is. */
export type QuickReply = { words: string } | { move: SandboxMove };

/** What can be answered at one press. */
export function quickRepliesTo({ text, moves = [] }: TextItem): QuickReply[] {
  const usual = defaultText(moves.find(({ type }) => type === 'reply'));
  const offered = offeredIn(text);
  const words = offered.length > 0 ? offered : usual === undefined ? [] : [usual];
  const plain = moves.filter(({ type, input }) => type !== 'reply' && input === undefined);
  return [...words.map((one) => ({ words: one })), ...plain.map((move) => ({ move }))];
}

function defaultText(move: SandboxMove | undefined): string | undefined {
  const properties = move?.input?.['properties'] as { text?: { default?: unknown } } | undefined;
  const usual = properties?.text?.default;
  return typeof usual === 'string' ? usual : undefined;
}

const number =
  /(?<![\d:./-])([1-9])(?!\d|[:/-]|\.\d|\s*(?:月|日|年|時|时|點|点|天|分|週|周|am\b|pm\b|days?\b|hours?\b|weeks?\b|%))/gi;

/** The numbers that a text offers as answers: "reply 1 for yes, 2 for no". Dates and times are none. */
export function offeredIn(text: string): string[] {
  if (!/reply|answer|回覆|回复|回答/i.test(text)) return [];
  return [...new Set([...text.matchAll(number)].map((match) => match[1] ?? ''))].slice(0, 5);
}

/** One day of a conversation. */
export interface DayOfTexts {
  at: string;
  texts: TextItem[];
}

/** A conversation by days of the viewer's clock. */
export function daysOf(texts: readonly TextItem[]): DayOfTexts[] {
  const days: DayOfTexts[] = [];
  for (const text of texts) {
    const at = text.at ?? '';
    const last = days.at(-1);
    if (last && new Date(last.at).toDateString() === new Date(at).toDateString())
      last.texts.push(text);
    else days.push({ at, texts: [text] });
  }
  return days;
}

const columnStates = {
  new: ['received'],
  packing: ['packed'],
  moving: ['part-shipped', 'shipped', 'part-delivered'],
  delivered: ['delivered'],
  stopped: ['refused', 'returned', 'quarantined', 'cancelled'],
} as const;

export type ColumnName = keyof typeof columnStates;

/** A column of the pharmacy's board. */
export interface Column {
  name: ColumnName;
  orders: OrderItem[];
}

/** Orders by how far they are; those that never arrive have a column when there are any. */
export function columnsOf(orders: readonly OrderItem[]): Column[] {
  const names = Object.keys(columnStates) as ColumnName[];
  return names
    .map((name) => ({ name, orders: orders.filter((order) => columnOf(order) === name) }))
    .filter(({ name, orders: inside }) => name !== 'stopped' || inside.length > 0);
}

/** A state that we do not know stands among what is on its way, while something can be done with it. */
function columnOf({ state = '', moves = [] }: OrderItem): ColumnName {
  const known = Object.entries(columnStates).find(([, states]) =>
    (states as readonly string[]).includes(state),
  );
  return (known?.[0] as ColumnName | undefined) ?? (moves.length > 0 ? 'moving' : 'stopped');
}

/** Cases as an insurer works on them: what waits, the longest first; then the rest, the latest first. */
export function queueOf(cases: readonly CaseItem[]): CaseItem[] {
  const waits = cases.filter(isWaiting);
  return [...waits.toReversed(), ...cases.filter((one) => !isWaiting(one))];
}

/** Whether somebody has to decide. */
export function isWaiting({ state }: Pick<SandboxItem, 'state'>): boolean {
  return state === 'pending';
}

/** The end of an id: enough to tell two of them apart at a glance. */
export function shortId(id: string): string {
  return id.length > 8 ? id.slice(-6) : id;
}
