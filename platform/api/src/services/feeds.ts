import { calendarFeed } from '@sojourn/plugin-kit/mail';
import type { Store } from '@sojourn/store';
import type { LinkSigner } from '../links.ts';
import type { Clock } from '../ports.ts';
import type { Audit, Caller } from './audit.ts';

// Calendars that one subscribes to: the appointments of a queue of tasks.
//
//   D1. Whoever has the address may read the calendar: calendar programs cannot sign in. It says when, where and the title of the
//       task, and nothing of whom it is about.
//   D2. A new address makes the ones before worthless.

export interface Feeds {
  /** The address of a queue's calendar; with `renew` a new one (D2). */
  addressOf(queue: string, renew: boolean, caller: Caller): Promise<string>;
  /** The calendar at an address, as it stands now (RFC 5545); undefined when the address is not good. */
  calendarAt(signed: string): Promise<string | undefined>;
}

export interface FeedsDependencies {
  store: Pick<Store, 'tasks' | 'settings'>;
  signer: LinkSigner;
  baseUrl: string;
  audit: Audit;
  clock: Clock;
}

const mostAppointments = 1_000;

/** The service behind calendars of queues. */
export function createFeeds({ store, signer, baseUrl, audit, clock }: FeedsDependencies): Feeds {
  const settingOf = (queue: string): string => `calendar-feed/${queue}`;
  const versionOf = async (queue: string): Promise<number> => {
    const standing = await store.settings.get(settingOf(queue));
    return typeof standing === 'number' ? standing : 1;
  };

  return {
    async addressOf(queue, renew, caller) {
      let version = await versionOf(queue);
      if (renew) {
        version += 1;
        await store.settings.put(settingOf(queue), version);
      }
      await audit.note(caller, {
        what: renew ? 'calendar-renewed' : 'calendar-shown',
        target: `queue/${queue}`,
      });
      return `${baseUrl}/calendars/${signer.sign({ kind: 'feed', queue, version })}.ics`;
    },

    async calendarAt(signed) {
      const claim = await signer.read(signed);
      if (claim?.kind !== 'feed' || claim.version !== (await versionOf(claim.queue)))
        return undefined;
      const { items } = await store.tasks.list({ queue: claim.queue }, { limit: mostAppointments });
      const appointments = items.flatMap(({ id, title, appointment }) =>
        appointment ? [{ ...appointment, uid: `${id}@sojourn`, summary: title }] : [],
      );
      return calendarFeed(claim.queue, appointments, clock());
    },
  };
}
