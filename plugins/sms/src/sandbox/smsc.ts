import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { ProviderMood } from '@sojourn/plugin-kit';
import smpp, { type Pdu, type Session } from 'smpp';
import { readArrival } from '../arrival.ts';
import { lookupOffer } from '../lookup.ts';
import { encodePart, partHeader, splitText } from '../parts.ts';
import { destinationFields, phoneOf, sourceFields } from '../phone.ts';
import { dataCoding, esmClass, keyField, status, textIn } from '../protocol.ts';
import { messageStates } from '../receipt.ts';
import type { Debt, Submission, Text, Texts } from './texts.ts';

// The SMSC's side of SMPP: takes texts, answers look-ups, and tells what it owes over whatever line is there to listen.
//
//   D1. A text is answered for only after it is on disk.
//   D2. A debt is under way over one line at a time, and is paid when each of its messages was taken. It is owed again when that
//       line breaks, or the client says that it cannot take it now.

/** How one signs in. */
export const account = { systemId: 'sojourn', password: 'pw-4-sms', sourceAddress: '27300' };

export interface Smsc {
  port: number;
  /** Tells what is owed and due. */
  tell(): void;
  close(): Promise<void>;
}

export interface SmscOptions {
  texts: Texts;
  port?: number;
  mood: () => ProviderMood;
  /** A text was taken from the client. */
  onText: (text: Text) => void;
  /** The client asks not to deliver a text: whether that was still possible. */
  onCancel: (text: Text) => boolean;
  /** A debt was paid. */
  onPaid: (debt: Debt) => void;
  /** Calls back later; not after it is closed. */
  later: (delayMs: number, work: () => void) => void;
}

/** What is answered to a text, by the mood; who one is, is asked when one signs in. */
const refusals = {
  ...{ well: status.ok, unauthorised: status.ok },
  ...{ busy: status.throttled, broken: status.systemError, refusing: status.badDestination },
};
const mostUnderWay = 10;
const pauseMs = 500;

/** Starts it on a loopback port. */
export async function startSmsc(options: SmscOptions): Promise<Smsc> {
  const teller = createTeller(options);
  const server = smpp.createServer((session) => serve(session, options, teller));
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    tell: teller.tell,
    async close() {
      for (const session of [...server.sessions]) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

type Teller = ReturnType<typeof createTeller>;

function serve(session: Session, options: SmscOptions, teller: Teller): void {
  const { texts, mood, onCancel } = options;
  const answer = (pdu: Pdu, code: number, fields: Record<string, unknown> = {}): void =>
    void session.send(pdu.response({ ...fields, command_status: code }));
  let isBound = false;
  const bind = (listens: boolean) => (pdu: Pdu) => {
    const code = signIn(pdu, mood());
    isBound = code === status.ok;
    answer(pdu, code, { system_id: lookupOffer });
    if (isBound && listens) teller.join(session);
  };
  const whenBound = (serving: (pdu: Pdu) => void) => (pdu: Pdu) =>
    isBound ? serving(pdu) : answer(pdu, status.wrongBindState);

  session.on('error', () => session.destroy());
  session.on('close', () => teller.leave(session));
  session.on('bind_transceiver', bind(true));
  session.on('bind_receiver', bind(true));
  session.on('bind_transmitter', bind(false));
  session.on('enquire_link', (pdu) => answer(pdu, status.ok));
  session.on('unknown', (pdu) => void session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    answer(pdu, status.ok);
    session.close();
  });
  session.on(
    'submit_sm',
    whenBound((pdu) => {
      const refusal = refusals[mood()];
      if (refusal !== status.ok) answer(pdu, refusal);
      else take(pdu, options, (id) => answer(pdu, status.ok, { message_id: id }));
    }),
  );
  session.on(
    'query_sm',
    whenBound((pdu) => {
      const name = textIn(pdu, 'message_id');
      const text = texts.byKey(name) ?? texts.get(name);
      if (text) answer(pdu, status.ok, { message_id: text.id, message_state: stateNumber(text) });
      else answer(pdu, status.queryFailed);
    }),
  );
  session.on(
    'cancel_sm',
    whenBound((pdu) => {
      const text = texts.get(textIn(pdu, 'message_id'));
      answer(pdu, text && onCancel(text) ? status.ok : status.cancelFailed);
    }),
  );
}

function signIn(pdu: Pdu, mood: ProviderMood): number {
  if (mood === 'unauthorised') return status.badPassword;
  if (pdu['system_id'] !== account.systemId) return status.badSystemId;
  return pdu['password'] === account.password ? status.ok : status.badPassword;
}

/** Takes a message from the client: a text, or a part of one (D1). */
function take(pdu: Pdu, { texts, onText }: SmscOptions, answer: (id: string) => void): void {
  const key = pdu[keyField];
  const submission: Submission = {
    id: texts.newId(),
    ...(typeof key === 'string' ? { key } : {}),
    wantsReceipt: (Number(pdu['registered_delivery']) & 1) === 1,
    encoding: pdu['data_coding'] === dataCoding['ucs-2'] ? 'ucs-2' : 'gsm-7',
  };
  const to = phoneOf(textIn(pdu, 'destination_addr'), Number(pdu['dest_addr_ton'])) ?? '';
  const from = textIn(pdu, 'source_addr');
  // What a client hands over has the form of what it is handed: only the sender needs to be no phone.
  const arrival = readArrival({ ...pdu, source_addr: to, source_addr_ton: 1 });
  const text =
    arrival.type === 'part'
      ? texts.addPart({ ...arrival.part, from, to }, submission)
      : textOf(arrival.type === 'text' ? arrival.text : '', { from, to }, submission);
  if (text && arrival.type !== 'part') texts.put(text);
  answer(submission.id);
  if (text) onText(text);
}

function textOf(
  text: string,
  ends: { from: string; to: string },
  { id, key, encoding, wantsReceipt }: Submission,
): Text {
  return {
    ...{ id, direction: 'out', ...ends, text, encoding, parts: 1, state: 'sent' },
    at: new Date().toISOString(),
    ...(key === undefined ? {} : { key }),
    receipts: wantsReceipt ? [id] : [],
  };
}

function stateNumber({ state }: Text): number {
  return { sent: 1, delivered: 2, undelivered: 5, cancelled: 4 }[state];
}

/** Tells debts over the lines that listen (D2). */
function createTeller({ texts, onPaid, later }: SmscOptions) {
  const lines = new Set<Session>();
  const underWay = new Map<string, Session>();

  const tell = (): void => {
    const session = [...lines].at(-1);
    if (!session) return;
    for (const debt of texts.debts()) {
      if (underWay.size >= mostUnderWay) return;
      if (underWay.has(debt.id) || debt.dueAt > Date.now()) continue;
      const messages = messagesOf(debt, texts.get(debt.textId));
      let left = messages.length;
      underWay.set(debt.id, session);
      const settle = (isTaken: boolean): void => {
        if (underWay.get(debt.id) !== session) return;
        if (!isTaken) {
          underWay.delete(debt.id);
          later(pauseMs, tell);
          return;
        }
        left -= 1;
        if (left > 0) return;
        underWay.delete(debt.id);
        texts.pay(debt.id);
        onPaid(debt);
        tell();
      };
      for (const message of messages)
        session.send(message, (response) => settle(response.command_status === status.ok));
    }
  };

  return {
    tell,
    join(session: Session): void {
      lines.add(session);
      tell();
    },
    leave(session: Session): void {
      lines.delete(session);
      for (const [id, over] of underWay) if (over === session) underWay.delete(id);
      tell();
    },
  };
}

function messagesOf({ textId, receipt }: Debt, text: Text | undefined): Pdu[] {
  if (!text) return [];
  if (receipt) {
    const on = (at: number): string => new Date(at).toISOString().replace(/\D/g, '').slice(2, 12);
    const number = Object.entries(messageStates).find(([, word]) => word === receipt.state)?.[0];
    const words = [
      `id:${receipt.of} sub:001 dlvrd:${receipt.state === 'DELIVRD' ? '001' : '000'}`,
      `submit date:${on(Date.parse(text.at))} done date:${on(Date.now())}`,
      `stat:${receipt.state} err:${receipt.error} text:`,
    ];
    return [
      new smpp.PDU('deliver_sm', {
        ...sourceFields(text.to),
        ...destinationFields(text.from),
        ...{ esm_class: esmClass.receipt, data_coding: 0, short_message: words.join(' ') },
        ...{ receipted_message_id: receipt.of, message_state: Number(number) },
      }),
    ];
  }
  const { encoding, parts } = splitText(text.text);
  const reference = Number.parseInt(textId.slice(0, 2), 16);
  return parts.map((part, index) => {
    const content = encodePart(part, encoding);
    const header = partHeader(reference, parts.length, index + 1);
    return new smpp.PDU('deliver_sm', {
      ...sourceFields(text.from),
      ...destinationFields(text.to),
      esm_class: parts.length > 1 ? esmClass.hasHeader : 0,
      data_coding: dataCoding[encoding],
      short_message: parts.length > 1 ? Buffer.concat([header, content]) : content,
      receipted_message_id: textId,
    });
  });
}
