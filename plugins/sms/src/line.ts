import { PluginError, type PluginContext } from '@sojourn/plugin-kit';
import smpp, { type Pdu, type Session } from 'smpp';
import { LineBrokenError, statusError, unreachable } from './errors.ts';
import { status, textIn } from './protocol.ts';

// A line to an SMSC, signed in. Nothing else of the plugin knows the package that speaks SMPP.

/** Settings of a connection `sms/smpp`. */
export interface SmppSettings {
  host: string;
  port: number;
  systemId: string;
  password: string;
  sourceAddress: string;
  tls?: boolean;
}

/** What an SMSC brings over a line: a receipt, or a text. */
export interface Delivery {
  fields: Record<string, unknown>;
  /** Of the line's own counting. */
  number: number;
  /** Tells the SMSC that it is taken, or why not. Does nothing when the line is gone. */
  answer(code?: number): void;
}

/** A line that is signed in. */
export interface Line {
  /** What the SMSC calls itself. */
  smsc: string;
  /** Asks, and answers the SMSC's answer whatever its status. Throws `LineBrokenError`. */
  ask(command: string, fields?: Record<string, unknown>): Promise<Pdu>;
  isOpen(): boolean;
  /** Signs out, and lets go of the line whatever the SMSC says to it. */
  close(): Promise<void>;
}

export interface LineOptions {
  /** A transmitter only sends: what arrives goes to whoever listens. */
  as: 'transmitter' | 'transceiver';
  onDelivery?: (delivery: Delivery) => void;
  onClose?: () => void;
}

const answerWithinMs = 10_000;
const goodbyeWithinMs = 500;
const version = 0x34; // SMPP 3.4

/** A connection's settings. They were checked against the schema when they were stored. */
export function settingsOf(context: PluginContext): SmppSettings {
  return context.connection.settings as unknown as SmppSettings;
}

/** Opens a line and signs in. Throws `PluginError`: nothing was sent. */
export async function openLine(context: PluginContext, options: LineOptions): Promise<Line> {
  const { systemId, password } = settingsOf(context);
  const session = await openSession(context);
  const talk = converse(session, options);
  const bound = await talk
    .ask(`bind_${options.as}`, { system_id: systemId, password, interface_version: version })
    .catch((error: unknown) => {
      throw unreachable(error);
    });
  if (bound.command_status !== status.ok) {
    session.destroy();
    throw statusError(bound.command_status);
  }
  return {
    smsc: textIn(bound, 'system_id'),
    ask: talk.ask,
    isOpen: talk.isOpen,
    async close() {
      const lettingGo = setTimeout(() => session.destroy(), goodbyeWithinMs);
      await talk.ask('unbind').catch(() => undefined); // it is over either way
      clearTimeout(lettingGo);
      session.destroy();
    },
  };
}

/** Does over a line of its own what leaves no trace, and may be done again. Throws `PluginError`. */
export async function withLine<Result>(
  context: PluginContext,
  use: (line: Line) => Promise<Result>,
): Promise<Result> {
  const line = await openLine(context, { as: 'transmitter' });
  try {
    return await use(line);
  } catch (error) {
    throw error instanceof PluginError ? error : unreachable(error);
  } finally {
    await line.close();
  }
}

async function openSession(context: PluginContext): Promise<Session> {
  const { host, port, tls = false } = settingsOf(context);
  try {
    const socket = await context.connect(host, port, { tls }); // with TLS only to whoever proves to be `host`
    socket.setNoDelay();
    return new smpp.Session({ socket });
  } catch (error) {
    throw error instanceof PluginError ? error : unreachable(error); // stopped before anything was sent
  }
}

/** Asks and is asked over a session. Whoever waits when it breaks is told. */
function converse(session: Session, { onDelivery, onClose }: LineOptions) {
  const waiting = new Set<(error: LineBrokenError) => void>();
  let isOpen = true;
  session.on('error', () => session.destroy());
  session.on('close', () => {
    isOpen = false;
    for (const fail of waiting) fail(new LineBrokenError(true));
    onClose?.();
  });
  const answer = (pdu: Pdu, code: number = status.ok): void =>
    void session.send(pdu.response({ command_status: code }));
  session.on('enquire_link', (pdu) => answer(pdu));
  session.on('unknown', (pdu) => void session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    answer(pdu);
    session.close();
  });
  session.on('deliver_sm', (pdu) => {
    const delivery: Delivery = {
      fields: pdu,
      number: pdu.sequence_number,
      answer: (code) => answer(pdu, code),
    };
    if (onDelivery) onDelivery(delivery);
    else delivery.answer(status.wrongBindState);
  });
  return {
    isOpen: () => isOpen,
    ask: async (command: string, fields: Record<string, unknown> = {}): Promise<Pdu> =>
      await new Promise<Pdu>((resolve, reject) => {
        const pdu = new smpp.PDU(command, fields);
        const end = (): void => {
          clearTimeout(timer);
          waiting.delete(fail);
        };
        const fail = (error: LineBrokenError): void => {
          end();
          reject(error);
        };
        const timer = setTimeout(() => session.destroy(), answerWithinMs);
        waiting.add(fail);
        const isWritten =
          isOpen &&
          session.send(pdu, (response) => {
            end();
            resolve(response);
          });
        if (!isWritten) fail(new LineBrokenError(false));
      }),
  };
}
