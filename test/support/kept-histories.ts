import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Plan } from '@sojourn/engine';
import type { Store } from '@sojourn/store';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Client } from '@temporalio/client';

const directory = new URL('../histories/', import.meta.url);

/** A history of a run as Temporal gave it, and the plan it walked. */
export interface KeptHistory {
  name: string;
  runId: string;
  plan: Plan;
  /** What it is sealed with: the person's key. Absent in those from before people had keys; the tests' key opens them. */
  key?: { id: string; key: Uint8Array };
  history: ReturnType<typeof historyFromJSON>;
}

/** As it stands in its file. */
interface Kept {
  runId: string;
  plan: Plan;
  /** The key itself in base64. */
  key?: { id: string; key: string };
  history: unknown;
}

/** Keeps a run's history under a name, when none is kept yet: later releases must replay every one of them. */
export async function keepHistory(
  { client, store }: { client: Client; store: Pick<Store, 'subjectKeys'> },
  name: string,
  runId: string,
  plan: Plan,
): Promise<void> {
  const file = new URL(`${name}.json`, directory);
  if (existsSync(file)) return;
  const history = await client.workflow.getHandle(runId).fetchHistory();
  const { id, key } = await store.subjectKeys.ofRun(runId);
  const kept: Kept = {
    runId,
    plan,
    key: { id, key: Buffer.from(key).toString('base64') },
    history: JSON.parse(historyToJSON(history)) as unknown,
  };
  await writeFile(file, `${JSON.stringify(kept)}\n`);
}

/** Every history that is kept. */
export function keptHistories(): KeptHistory[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const { runId, plan, key, history } = JSON.parse(
        readFileSync(new URL(name, directory), 'utf8'),
      ) as Kept;
      return {
        name: name.replace('.json', ''),
        runId,
        plan,
        ...(key === undefined ? {} : { key: { id: key.id, key: Buffer.from(key.key, 'base64') } }),
        history: historyFromJSON(history),
      };
    });
}
