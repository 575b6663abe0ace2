import type {
  JsonObject,
  ProviderMood,
  ReportingHabit,
  RunningSandbox,
  SandboxDefinition,
  SandboxItem,
  SandboxMove,
  SandboxOptions,
} from '@sojourn/plugin-kit';
import { readyText, splitText } from '../parts.ts';
import { toPhone } from '../phone.ts';
import { account, startSmsc } from './smsc.ts';
import { openTexts, type Text, type TextState, type Texts } from './texts.ts';

// A real SMSC, with phones that one can play.
//
//   B1. A text reaches its phone by itself, shortly after. One to a number that ends in 000 never does; a phone whose number ends
//       in 999 is off, and what becomes of the text is up to whoever plays.
//   B2. What phones and the SMSC report goes over the real protocol, and waits on disk until somebody listens and has it.

/** The sandbox of text messages. */
export const smscSandbox: SandboxDefinition = { start };

const deliversAfterMs = 200;
const lateByMs = 2_000;
const never = '000';
const off = '999';

async function start({ directory, port }: SandboxOptions): Promise<RunningSandbox> {
  const texts = openTexts(directory);
  const watchers = new Set<(item: SandboxItem) => void>();
  const timers = createTimers();
  let mood: ProviderMood = 'well';
  let habit: ReportingHabit = 'well';

  const show = (text: Text): void => {
    for (const watcher of watchers) watcher(asItem(text));
  };
  const become = (text: Text, state: TextState): void => show(texts.setState(text.id, state));
  const owe = (debt: Parameters<Texts['owe']>[0]): void => {
    const dueAt = debt.dueAt + (habit === 'late' ? lateByMs : 0);
    for (let times = habit === 'twice' ? 2 : 1; times > 0; times -= 1)
      texts.owe({ ...debt, dueAt });
    timers.later(Math.max(dueAt - Date.now(), 0), () => smsc.tell());
  };
  const end = (text: Text, state: 'delivered' | 'undelivered'): void => {
    become(text, state);
    const last =
      state === 'delivered'
        ? { state: 'DELIVRD', error: '000' }
        : { state: 'UNDELIV', error: '001' };
    const first = { state: 'ACCEPTD', error: '000' };
    for (const of of text.receipts)
      for (const receipt of habit === 'out-of-order' ? [last, first] : [last])
        owe({ textId: text.id, receipt: { of, ...receipt }, dueAt: Date.now() });
  };
  const endByItself = (text: Text): void => {
    if (text.to.endsWith(off)) return; // B1
    timers.later(deliversAfterMs, () => {
      if (text.state === 'sent') end(text, text.to.endsWith(never) ? 'undelivered' : 'delivered');
    });
  };
  const write = (from: string, to: string, words: unknown): Text => {
    if (typeof words !== 'string' || words === '') throw new Error('write a `text`');
    const text = readyText(words);
    const { encoding, parts } = splitText(text);
    const written: Text = {
      ...{ id: texts.newId(), direction: 'in', from, to, text, encoding, parts: parts.length },
      ...{ at: new Date().toISOString(), state: 'sent', receipts: [] },
    };
    texts.put(written);
    show(written);
    owe({ textId: written.id, dueAt: Date.now() }); // B2
    return written;
  };
  const play = (id: string, action: { type: string } & JsonObject): void => {
    const text = texts.get(id);
    if (!text) throw new Error(`there is no text '${id}'`);
    const possible = movesOf(text).map(({ type }) => type);
    if (!possible.includes(action.type))
      throw new Error(
        `'${action.type}' is nothing one can do with it now: ${possible.join(', ') || 'nothing is'}`,
      );
    if (action.type === 'deliver') end(text, 'delivered');
    else if (action.type === 'fail') end(text, 'undelivered');
    else write(text.to, text.from, action.type === 'stop' ? 'STOP' : action['text']);
  };

  const smsc = await startSmsc({
    texts,
    ...(port === undefined ? {} : { port }),
    mood: () => mood,
    onText: (text) => {
      show(text);
      endByItself(text);
    },
    onCancel: (text) => {
      const isPossible = text.direction === 'out' && text.state === 'sent';
      if (isPossible) become(text, 'cancelled');
      return isPossible;
    },
    onPaid: ({ textId, receipt }) => {
      const text = texts.get(textId);
      if (text && !receipt) become(text, 'delivered');
    },
    later: (delayMs, work) => timers.later(delayMs, work),
  });
  for (const text of texts.list({ limit: Infinity }))
    if (text.direction === 'out' && text.state === 'sent') endByItself(text); // as it was when it stopped
  for (const { dueAt } of texts.debts())
    timers.later(Math.max(dueAt - Date.now(), 0), () => smsc.tell());

  return {
    connection: { type: 'smpp', settings: { host: '127.0.0.1', port: smsc.port, ...account } },
    items: ({ to, limit }) =>
      Promise.resolve(
        texts.list({ ...(to === undefined ? {} : { phone: to }), limit }).map(asItem),
      ),
    item: (id) => {
      const text = texts.get(id);
      return Promise.resolve(text && asItem(text));
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- what cannot be done rejects
    act: async (id, action) => {
      play(id, action);
      return []; // all of it goes over the line
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- what cannot be done rejects
    begin: async ({ type, from, text }) => {
      if (type !== 'write') throw new Error(`'${type}' is nothing somebody does: write`);
      const phone = typeof from === 'string' ? toPhone(from) : undefined;
      if (phone === undefined)
        throw new Error('`from` is one phone number with its country, such as +886 912 345 678');
      return asItem(write(phone, account.sourceAddress, text));
    },
    behave: (next) => {
      mood = next;
    },
    report: (next) => {
      habit = next;
    },
    watch: (onArrival) => {
      watchers.add(onArrival);
      return () => watchers.delete(onArrival);
    },
    close: async () => {
      timers.stop();
      await smsc.close();
      texts.close();
    },
  };
}

const title = (en: string, hant: string, hans: string) => ({
  ...{ en, 'zh-Hant': hant, 'zh-Hans': hans },
});
const deliver: SandboxMove = { type: 'deliver', title: title('Deliver', '送達', '送达') };
const fail: SandboxMove = {
  ...{ type: 'fail', title: title('Cannot be delivered', '無法送達', '无法送达'), harm: true },
};
const reply: SandboxMove = {
  type: 'reply',
  title: title('Reply', '回覆', '回复'),
  input: {
    ...{ type: 'object', additionalProperties: false, required: ['text'] },
    properties: {
      text: {
        ...{ type: 'string', minLength: 1, maxLength: 1_000, title: 'Text', default: '1' },
        'x-title': title('Text', '內容', '内容'),
        'x-multiline': true,
      },
    },
  },
};
const stop: SandboxMove = {
  ...{ type: 'stop', title: title('Reply STOP', '回覆 STOP', '回复 STOP'), harm: true },
};

function movesOf({ direction, state }: Text): SandboxMove[] {
  if (direction === 'in') return [];
  if (state === 'sent') return [deliver, fail];
  return state === 'delivered' ? [reply, stop] : [];
}

function asItem(text: Text): SandboxItem {
  const { receipts: _receipts, ...rest } = text;
  return { ...rest, moves: movesOf(text) };
}

/** Timers that end with the sandbox. */
function createTimers() {
  const timers = new Set<NodeJS.Timeout>();
  let isStopped = false;
  return {
    later(delayMs: number, work: () => void): void {
      if (isStopped) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        work();
      }, delayMs);
      timers.add(timer);
    },
    stop(): void {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
