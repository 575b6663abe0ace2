import { randomUUID } from 'node:crypto';
import type { PluginContext, ProviderReport } from '@sojourn/plugin-kit';
import { readArrival, reportOfReceipt, reportOfText } from './arrival.ts';
import { createAssembly, type Assembled } from './assembly.ts';
import { unreachable } from './errors.ts';
import { openLine, type Delivery } from './line.ts';
import { status } from './protocol.ts';

// Holds a line open and reports what comes over it.
//
//   L1. The SMSC is told that a delivery is taken only when the next report is asked for: then this one is stored. What it is not
//       told it sends again, over the next line.
//   L2. A line that broke is told to the host, which begins anew. A stop is no error.
//   L3. Bounded: of an SMSC that brings more than is stored the rest waits at its own side.

const mostWaiting = 1_000;
const keepAliveMs = 30_000;
const tickMs = 500;

/** What came, and what it is to be reported as: nothing, when it says nothing. */
interface Taken {
  report?: ProviderReport | undefined;
  deliveries: Delivery[];
}

/** Reports receipts and texts until `context.signal` aborts. Throws `PluginError` when the line breaks (L2). */
export async function* listen(context: PluginContext): AsyncGenerator<ProviderReport, void> {
  const { signal, clock } = context;
  const waiting: Delivery[] = [];
  let wake = (): void => undefined;
  const line = await openLine(context, {
    as: 'transceiver',
    onDelivery(delivery) {
      if (waiting.length >= mostWaiting)
        delivery.answer(status.queueFull); // L3
      else waiting.push(delivery);
      wake();
    },
    onClose: () => wake(),
  }).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  if (!line) return;
  const desk = createDesk();
  const onStop = (): void => wake();
  signal.addEventListener('abort', onStop);
  const ticking = setInterval(() => wake(), tickMs);
  const keepingAlive = setInterval(() => {
    line.ask('enquire_link').catch(() => undefined); // a line that does not answer is closed, and that is seen
  }, keepAliveMs);
  try {
    while (!signal.aborted) {
      if (!line.isOpen()) throw unreachable(); // L2
      const next = waiting.shift();
      const taken = next ? [desk.take(next, clock())] : desk.overdue(clock());
      for (const { report, deliveries } of taken) {
        if (report) yield report;
        for (const delivery of deliveries) delivery.answer(); // L1
      }
      if (taken.length > 0) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal.removeEventListener('abort', onStop);
    clearInterval(ticking);
    clearInterval(keepingAlive);
    await line.close();
  }
}

/** Makes reports of deliveries; keeps the parts of texts that are not whole. */
function createDesk() {
  const assembly = createAssembly<Delivery>();
  const session = randomUUID();
  /** An SMSC names its texts, or nobody does: then one that it sends again over another line is another. */
  const eventIdOf = ({ fields, number }: Delivery): string => {
    const told = fields['receipted_message_id'];
    return typeof told === 'string' && told !== '' ? `text/${told}` : `text/${session}/${number}`;
  };
  const reportOf = ({ from, text, parts }: Omit<Assembled<Delivery>, 'to'>, last: string) =>
    reportOfText({ from, text, parts, eventId: last });

  return {
    take(delivery: Delivery, now: number): Taken {
      const arrival = readArrival(delivery.fields);
      const deliveries = [delivery];
      switch (arrival.type) {
        case 'nothing':
          return { deliveries };
        case 'receipt':
          return { report: reportOfReceipt(arrival.receipt), deliveries };
        case 'text':
          return {
            report: reportOf({ ...arrival, parts: 1, held: [] }, eventIdOf(delivery)),
            deliveries,
          };
        case 'part': {
          const whole = assembly.add(arrival.part, delivery, now);
          if (!whole) return { deliveries: [] };
          return { report: reportOf(whole, eventIdOf(delivery)), deliveries: whole.held };
        }
      }
    },
    /** What is held too long, and texts whose rest does not come. */
    overdue(now: number): Taken[] {
      const given = assembly.giveUp(now).map((text) => ({
        report: reportOf(text, `text/${session}/${randomUUID()}`),
        deliveries: text.held,
      }));
      const held = assembly.letGo(now);
      return held.length > 0 ? [...given, { deliveries: held }] : given;
    },
  };
}
