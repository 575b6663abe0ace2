import { randomUUID } from 'node:crypto';
import type { Json } from '@sojourn/engine';
import type { AuditRecord, AuditStore, Page, PageRequest } from '@sojourn/store';
import type { Clock } from '../ports.ts';

/** Who asks, and under which request. */
export interface Caller {
  id: string;
  name: string;
  requestId: string;
}

/** One change, as it is written down. No personal values: the names of what changed are enough. */
export interface AuditNote {
  what: string;
  target: string;
  before?: Json;
  after?: Json;
  why?: string;
}

/** The audit log: who changed what, and why. */
export interface Audit {
  note(caller: Caller, note: AuditNote): Promise<void>;
  /** As `note`, but once for changes of the same kind by the same person that follow each other closely. */
  noteSpell(caller: Caller, note: AuditNote): Promise<void>;
  list(filter: { target?: string }, page: PageRequest): Promise<Page<AuditRecord>>;
}

const spellMs = 15 * 60_000;
const mostSpells = 10_000;

/** An audit log over the store. */
export function createAudit(store: AuditStore, clock: Clock): Audit {
  const spells = new Map<string, number>();
  let count = 0;

  const note: Audit['note'] = async (caller, { what, target, before, after, why }) => {
    count += 1;
    await store.append({
      id: `${String(count).padStart(9, '0')}-${randomUUID()}`, // of one instant, the later one has the higher id
      at: clock(),
      by: caller.id,
      what,
      target,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      ...(why === undefined ? {} : { why }),
      requestId: caller.requestId,
    });
  };

  return {
    note,
    async noteSpell(caller, change) {
      const spell = JSON.stringify([caller.id, change.what, change.target]);
      const last = spells.get(spell);
      spells.delete(spell); // so that the oldest stand first
      spells.set(spell, clock());
      if (spells.size > mostSpells) spells.delete(spells.keys().next().value ?? '');
      if (last === undefined || clock() - last > spellMs) await note(caller, change);
    },
    list: (filter, page) => store.list(filter, page),
  };
}
