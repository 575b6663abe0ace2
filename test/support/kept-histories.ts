import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Plan } from '@sojourn/engine';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Client } from '@temporalio/client';

const directory = new URL('../histories/', import.meta.url);

/** A history of a run as Temporal gave it, sealed with the tests' key, and the plan it walked. */
export interface KeptHistory {
  name: string;
  runId: string;
  plan: Plan;
  history: ReturnType<typeof historyFromJSON>;
}

/** Keeps a run's history under a name, when none is kept yet: later releases must replay every one of them. */
export async function keepHistory(
  client: Client,
  name: string,
  runId: string,
  plan: Plan,
): Promise<void> {
  const file = new URL(`${name}.json`, directory);
  if (existsSync(file)) return;
  const history = await client.workflow.getHandle(runId).fetchHistory();
  await writeFile(
    file,
    `${JSON.stringify({ runId, plan, history: JSON.parse(historyToJSON(history)) as unknown })}\n`,
  );
}

/** Every history that is kept. */
export function keptHistories(): KeptHistory[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const kept = JSON.parse(readFileSync(new URL(name, directory), 'utf8')) as {
        runId: string;
        plan: Plan;
        history: object;
      };
      return {
        name: name.replace('.json', ''),
        runId: kept.runId,
        plan: kept.plan,
        history: historyFromJSON(kept.history),
      };
    });
}
