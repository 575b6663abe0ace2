import type { PluginContext, ProviderReport } from '../contract.ts';
import { openPop3, type Pop3Session } from './pop3.ts';
import { readMail, type ReceivedMail } from './received-mail.ts';
import type { MailServerSettings } from './smtp.ts';

// Empties a mailbox.
//
//   M1. A mail is deleted only when the next report is asked for: then what it said is stored. What a crash left comes again, and
//       is the same by its id.
//   M2. A mail that says nothing to us, is too long or cannot be read is deleted too: it would be fetched for ever.
//   M3. A mailbox that cannot be reached is told to the host, which begins anew. A stop is no error.

/** Settings of the mailbox that answers come to. */
export interface InboundSettings extends MailServerSettings {
  address: string;
  pollSeconds?: number;
}

const defaultPollSeconds = 30;
const mostBytes = 10_000_000;
/** Deletions count when a session ends: so many mails are fetched in one. */
const perSession = 20;

/** Reports what mails say, as `read` understands it, until `context.signal` aborts. Throws `PluginError` (M3). */
export async function* listenToMailbox(
  inbound: InboundSettings,
  context: PluginContext,
  read: (mail: ReceivedMail) => ProviderReport[] | Promise<ProviderReport[]>,
): AsyncGenerator<ProviderReport, void> {
  const { signal, log } = context;
  /** What a mail says; nothing when it cannot be read. */
  const reportsOf = async (raw: Buffer): Promise<ProviderReport[]> => {
    const mail = await readMail(raw).catch(() => undefined);
    if (mail) return await read(mail);
    log.warn('a mail cannot be read, and is left out');
    return [];
  };
  while (!signal.aborted) {
    let session: Pop3Session | undefined;
    let isMore = false;
    try {
      session = await openPop3(inbound, context);
      const waiting = await session.list();
      isMore = waiting.length > perSession;
      for (const { number, bytes } of waiting.slice(0, perSession)) {
        if (bytes > mostBytes)
          log.warn('a mail is too long to be read, and is left out', { bytes });
        else for (const report of await reportsOf(await session.retrieve(number))) yield report;
        await session.delete(number); // M1, M2
      }
    } catch (error) {
      if (!isStopped(signal)) throw error; // M3
    } finally {
      await session?.quit().catch(() => undefined); // deletions that do not count bring their mails again
      session?.close();
    }
    if (!isMore) await pause((inbound.pollSeconds ?? defaultPollSeconds) * 1_000, signal);
  }
}

const isStopped = (signal: AbortSignal): boolean => signal.aborted;

/** Resolves after so long, or at once when the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
