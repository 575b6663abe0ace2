import { randomBytes } from 'node:crypto';
import type { RunState } from '@sojourn/engine';
import { createMemoryStore } from '@sojourn/store';
import {
  defaultPayloadConverter,
  type Payload,
  type SerializationContext,
} from '@temporalio/common';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPayloadCodec, derivedKeys, subjectKeys } from './encryption-codec.ts';

const deploymentKey = randomBytes(32);
const utf8 = new TextDecoder();
const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (given: Payload | undefined): unknown =>
  given && defaultPayloadConverter.fromPayload(given);
const keyNameIn = (given: Payload | undefined): string =>
  utf8.decode(given?.metadata?.['encryption-key-id'] ?? new Uint8Array());
const contextOf = (workflowId: string): SerializationContext => ({
  type: 'workflow',
  namespace: 'default',
  workflowId,
});

let store = createMemoryStore();
let codec = createPayloadCodec(subjectKeys(store.subjectKeys, deploymentKey));
beforeEach(() => {
  store = createMemoryStore();
  codec = createPayloadCodec(subjectKeys(store.subjectKeys, deploymentKey));
});

async function aRun(id: string, key: string): Promise<void> {
  const run = {
    ...{ id, journey: 'j', version: 1, planHash: 'h', subject: { type: 'patient', key }, key: id },
    ...{ ordinal: 1, status: 'active' as const, startedAt: 0, positions: [], incidents: [] },
    revision: 0,
  };
  await store.runs.insert(run, { runId: id, revision: 0 } as unknown as RunState);
}

describe('payloads of a run', () => {
  it('are sealed with the key of its person, whose name says nothing (K1)', async () => {
    await aRun('r-1', 'mei');
    await aRun('r-2', 'mei');
    await aRun('r-3', 'lin');

    const sealed = await Promise.all(
      ['r-1', 'r-2', 'r-3'].map(
        async (id) => (await codec.encode([payload('a@b')], contextOf(id)))[0],
      ),
    );

    const [one, two, three] = sealed.map(keyNameIn);
    expect(one).toMatch(/^subject:[\w-]{12}$/);
    expect(two).toBe(one);
    expect(three).not.toBe(one);
    expect(Buffer.from(sealed[0]?.data ?? []).includes('a@b')).toBe(false);
    expect(valueOf((await codec.decode(sealed.flatMap((item) => item ?? [])))[2])).toBe('a@b');
  });

  it('from before each person had a key are opened by the name in them (K1)', async () => {
    await aRun('r-1', 'mei');
    const old = createPayloadCodec(derivedKeys(deploymentKey));

    const sealed = await old.encode([payload({ a: 1 })], contextOf('r-1'));

    expect(keyNameIn(sealed[0])).toBe('run:r-1');
    expect(valueOf((await codec.decode(sealed))[0])).toEqual({ a: 1 });
  });

  it('that is not in the store are sealed as before, and open again', async () => {
    const sealed = await codec.encode([payload(1)], contextOf('somebody-elses'));

    expect(keyNameIn(sealed[0])).toBe('run:somebody-elses');
    expect(valueOf((await codec.decode(sealed))[0])).toBe(1);
  });

  it('are tombstones once the key was destroyed, both ways, and nobody throws (K4)', async () => {
    await aRun('r-1', 'mei');
    const sealed = await codec.encode([payload('a@b')], contextOf('r-1'));
    await store.subjectKeys.destroy('patient', 'mei', 1);

    const opened = await codec.decode(sealed);
    const late = await codec.encode([payload('late')], contextOf('r-1'));

    expect(valueOf(opened[0])).toEqual({ __erased: true });
    expect(valueOf(late[0])).toEqual({ __erased: true });
  });

  it('throw when a key is missing without a tombstone: it was lost (K4)', async () => {
    await aRun('r-1', 'mei');
    const sealed = await codec.encode([payload('a@b')], contextOf('r-1'));
    const elsewhere = createPayloadCodec(
      subjectKeys(createMemoryStore().subjectKeys, deploymentKey),
    );

    await expect(elsewhere.decode(sealed)).rejects.toThrow('is missing');
  });
});
