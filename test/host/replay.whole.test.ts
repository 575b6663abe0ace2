import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fixedRoots } from '@sojourn/store';
import { bundlePath, createPayloadCodec, derivedKeys, type PayloadKeys } from '@sojourn/temporal';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { keptHistories, type KeptHistory } from '../support/kept-histories.ts';

const testKeys = derivedKeys(
  fixedRoots(createHash('sha256').update('the key of the tests').digest()),
);
const converter = fileURLToPath(
  new URL('../../workflows/temporal/converter/failure-converter.cjs', import.meta.url),
);

async function replay(kept: KeptHistory): Promise<void> {
  const { id, key } = kept.key ?? { id: '', key: new Uint8Array() };
  const keys: PayloadKeys = {
    ...testKeys,
    key: (name) => (name === `subject:${id}` ? Promise.resolve(key) : testKeys.key(name)),
  };
  const codec = createPayloadCodec(keys, () => Promise.resolve(JSON.stringify(kept.plan)));
  await Worker.runReplayHistory(
    {
      workflowBundle: { code: await readFile(bundlePath, 'utf8') },
      dataConverter: { payloadCodecs: [codec], failureConverterPath: converter },
    },
    kept.history,
    kept.runId,
  );
}

describe('the histories kept from earlier releases', () => {
  it.each(keptHistories().map((kept) => [kept.name, kept] as const))(
    '%s replays on this release',
    async (_, kept) => {
      await expect(replay(kept)).resolves.toBeUndefined();
    },
  );

  it('would fail to replay if an effect went to another step', async () => {
    const kept = keptHistories().find(({ name }) => name === 'reference');
    if (!kept) throw new Error('the reference history is missing');
    const scheduled = kept.history.events?.find(
      (event) => event.activityTaskScheduledEventAttributes,
    );
    if (!scheduled?.activityTaskScheduledEventAttributes)
      throw new Error('the reference history has no activity');
    scheduled.activityTaskScheduledEventAttributes.activityId = 'elsewhere#1';

    await expect(replay(kept)).rejects.toThrow(DeterminismViolationError);
  });
});
