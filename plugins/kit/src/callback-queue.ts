import type { ReportingHabit } from './contract.ts';
import { signatureHeader, signBody } from './signature.ts';

// How a sandbox reports over HTTP: signed, one callback after the other, until each is answered.
//
//   Q1. A callback is sent until it is answered with 2xx, or with 410: nobody waits for it any more. In between it waits longer and
//       longer. `onAnswered` hears of it once.
//   Q2. It is signed anew with every attempt: a signature grows old.
//   Q3. One that is not answered does not hold up those that came after it.

/** A callback that waits to be sent. Absent `url`: to the provider's one address. */
export interface OutgoingCallback {
  id: string;
  url?: string;
  body: string;
}

/** Sends callbacks. It keeps nothing: whoever uses it writes down what is pushed, before, and what is answered. */
export interface CallbackQueue {
  push(callback: OutgoingCallback): void;
  /** The one address for those that name none: until it is known they wait. */
  goTo(url: string): void;
  report(habit: ReportingHabit): void;
  close(): Promise<void>;
}

export interface CallbackQueueOptions {
  secret: string;
  onAnswered: (id: string) => void;
  /** What the bodies are. Default: FHIR's JSON. */
  contentType?: string;
  /** How long to wait after the first, the second … attempt that was not answered; the last again and again. */
  pausesMs?: readonly number[];
  /** How long a callback is held back when the provider reports late, or out of order. */
  holdMs?: number;
}

interface Waiting {
  callback: OutgoingCallback;
  attempts: number;
  dueMs: number;
}

const answerMs = 10_000;
const graceMs = 250;

/** Opens a queue that sends from now on. */
export function createCallbackQueue({
  secret,
  onAnswered,
  contentType = 'application/fhir+json',
  pausesMs = [250, 1_000, 5_000, 30_000],
  holdMs = 1_000,
}: CallbackQueueOptions): CallbackQueue {
  const waiting = new Set<Waiting>();
  const stop = new AbortController();
  let address: string | undefined;
  let habit: ReportingHabit = 'well';
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  let isClosed = false;

  const urlOf = ({ callback }: Waiting): string | undefined => callback.url ?? address;
  const post = async ({ body }: OutgoingCallback, url: string): Promise<boolean> => {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': contentType,
          [signatureHeader]: signBody(body, secret, Date.now()), // Q2
        },
        body,
        signal: AbortSignal.any([stop.signal, AbortSignal.timeout(answerMs)]),
      });
      await response.body?.cancel();
      return response.ok || response.status === 410;
    } catch {
      return false; // nobody there: Q1
    }
  };

  const send = async (item: Waiting, url: string): Promise<void> => {
    const isTwice = habit === 'twice';
    const isAnswered = await post(item.callback, url);
    if (!isAnswered) {
      item.dueMs = Date.now() + (pausesMs[Math.min(item.attempts, pausesMs.length - 1)] ?? 0);
      item.attempts += 1;
      return; // Q1
    }
    if (isTwice && !isClosed) await post(item.callback, url);
    waiting.delete(item);
    onAnswered(item.callback.id);
  };

  const sendAllDue = async (): Promise<void> => {
    for (;;) {
      const now = Date.now();
      const next = [...waiting].find((item) => item.dueMs <= now && urlOf(item) !== undefined); // Q3
      const url = next && urlOf(next);
      if (!next || url === undefined || isClosed) return;
      await send(next, url);
    }
  };

  const wake = (): void => {
    clearTimeout(timer);
    if (sending || isClosed) return;
    const dues = [...waiting].flatMap((item) => (urlOf(item) === undefined ? [] : [item.dueMs]));
    if (dues.length === 0) return;
    timer = setTimeout(
      () => {
        sending = sendAllDue().finally(() => {
          sending = undefined;
          wake();
        });
      },
      Math.max(0, Math.min(...dues) - Date.now()),
    );
  };

  return {
    push(callback) {
      const now = Date.now();
      const earlier = [...waiting].filter((item) => item.attempts === 0);
      const isHeld = habit === 'late' || (habit === 'out-of-order' && earlier.length === 0);
      if (habit === 'out-of-order') for (const item of earlier) item.dueMs = now + holdMs;
      waiting.add({ callback, attempts: 0, dueMs: isHeld ? now + holdMs : now });
      wake();
    },
    goTo(url) {
      address = url;
      wake();
    },
    report(next) {
      habit = next;
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      const hard = setTimeout(() => stop.abort(), graceMs); // what is being answered is not to be sent again
      await sending;
      clearTimeout(hard);
    },
  };
}
