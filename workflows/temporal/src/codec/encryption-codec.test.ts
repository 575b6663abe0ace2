import type { RunState } from '@sojourn/engine';
import { createMemoryStore, fixedRoots } from '@sojourn/store';
import {
  defaultPayloadConverter,
  type Payload,
  type SerializationContext,
} from '@temporalio/common';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPayloadCodec, derivedKeys, subjectKeys } from './encryption-codec.ts';

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
let codec = createPayloadCodec(subjectKeys(store.subjectKeys, store.roots));
beforeEach(() => {
  store = createMemoryStore();
  codec = createPayloadCodec(subjectKeys(store.subjectKeys, store.roots));
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
    const old = createPayloadCodec(derivedKeys(store.roots));

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
    const elsewhere = createPayloadCodec(subjectKeys(createMemoryStore().subjectKeys, store.roots));

    await expect(elsewhere.decode(sealed)).rejects.toThrow('is missing');
  });
});

describe('payloads of no run of ours', () => {
  const [first, second] = [Buffer.alloc(32, 7), Buffer.alloc(32, 8)];
  const later = createPayloadCodec(derivedKeys(fixedRoots(first, second)));

  it('say under which generation they are sealed, and those of each open (K5)', async () => {
    const before = await createPayloadCodec(derivedKeys(fixedRoots(first))).encode(
      [payload('before')],
      contextOf('r-1'),
    );
    const after = await later.encode([payload('after')], contextOf('r-1'));

    expect(keyNameIn(before[0])).toBe('run:r-1');
    expect(keyNameIn(after[0])).toBe('2/run:r-1');
    expect((await later.decode([...before, ...after])).map(valueOf)).toEqual(['before', 'after']);
  });

  it('from earlier releases open under generation 1 (K5)', async () => {
    const text = new TextEncoder();
    const kept: Payload = {
      metadata: {
        encoding: text.encode('binary/encrypted'),
        'encryption-key-id': text.encode('run:r-1'),
      },
      data: Buffer.from(
        '0zr6m2PGh7xrvuwUk9DHpHMAp6o4MwiZejLxJS07n9MoJ29X98AepKHBIJls76/Oxv8urcqbzOWV0uTt',
        'base64',
      ),
    };

    expect(valueOf((await later.decode([kept]))[0])).toBe('kept');
  });

  it('of a generation that is not there throw: it must be mended (K4)', async () => {
    const after = await later.encode([payload('after')], contextOf('r-1'));
    const behind = createPayloadCodec(derivedKeys(fixedRoots(first)));

    await expect(behind.decode(after)).rejects.toThrow();
  });
});
