import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';

import { createRootRows } from './memory/keys.ts';
import {
  DeploymentKeyError,
  openRoots,
  type EarlierContent,
  type RootRecord,
  type RootRows,
} from './root-record.ts';
import { createRoots } from './roots.ts';

const aKey = () => new Uint8Array(randomBytes(32));
const nothing = (): Promise<EarlierContent> =>
  Promise.resolve({ isEmpty: true, opensUnder: () => Promise.resolve(true) });
const sealedBy = (key: Uint8Array) => (): Promise<EarlierContent> =>
  Promise.resolve({
    isEmpty: false,
    opensUnder: ({ secret }) => Promise.resolve(Buffer.from(secret).equals(key)),
  });

let rows: RootRows;
beforeEach(() => {
  rows = createRootRows();
});

/** What a process started with these keys has. */
async function started(
  deploymentKey: Uint8Array,
  formerKeys: Uint8Array[] = [],
  earlier = nothing,
  on = rows,
) {
  const { record } = await openRoots(on, { deploymentKey, formerKeys }, earlier);
  return createRoots(on, deploymentKey, record);
}

describe('the roots of a new deployment', () => {
  it('begin with a random one, which is not the key (X1)', async () => {
    const key = aKey();
    const roots = await started(key);

    expect(roots.all()).toHaveLength(1);
    expect(roots.newest().generation).toBe(1);
    expect(roots.newest().secret).not.toEqual(key);
    const { roots: stored } = (await rows.read()) ?? { roots: [] };
    expect(stored[0]?.wrapped.join()).not.toContain(roots.newest().secret.join());
  });

  it('are the same for all who start at once (X5)', async () => {
    const key = aKey();
    const all = await Promise.all(Array.from({ length: 10 }, () => started(key)));

    expect(new Set(all.map((roots) => roots.newest().secret.join())).size).toBe(1);
  });
});

describe('a deployment from before there were roots', () => {
  it('keeps its key as generation 1 (X3)', async () => {
    const key = aKey();
    const roots = await started(key, [], sealedBy(key));

    expect(roots.all()).toEqual([{ generation: 1, secret: key }]);
  });

  it('keeps the one before when that is exchanged at once (X3)', async () => {
    const [former, key] = [aKey(), aKey()];
    const roots = await started(key, [former], sealedBy(former));

    expect(roots.all()).toEqual([{ generation: 1, secret: former }]);
    await expect(started(former)).rejects.toThrow(DeploymentKeyError);
  });

  it('is begun by no key that does not open what it has sealed (X3, X4)', async () => {
    await expect(started(aKey(), [aKey()], sealedBy(aKey()))).rejects.toThrow(DeploymentKeyError);

    expect(await rows.read()).toBeUndefined();
  });
});

describe('a key of the deployment', () => {
  it('that opens nothing changes nothing (X4)', async () => {
    await started(aKey());
    const before = await rows.read();

    await expect(started(aKey())).rejects.toThrow(DeploymentKeyError);
    await expect(started(aKey(), [aKey(), aKey()])).rejects.toThrow(DeploymentKeyError);

    expect(await rows.read()).toBe(before);
  });

  it('takes the place of the one before, whoever starts at once (X4, X5)', async () => {
    const [former, key] = [aKey(), aKey()];
    const before = await started(former);
    await before.begin();

    const all = await Promise.all(Array.from({ length: 10 }, () => started(key, [former])));

    for (const roots of all) expect(roots.all()).toEqual(before.all());
    expect((await rows.read())?.revision).toBe(3); // made, begun, wrapped anew once
    expect((await started(key)).all()).toEqual(before.all());
    await expect(started(former)).rejects.toThrow(DeploymentKeyError);
  });

  it('that was exchanged leaves whoever runs what they know, and lets them add nothing (X4)', async () => {
    const [former, key] = [aKey(), aKey()];
    const running = await started(former);
    const exchanged = await started(key, [former]);

    expect(running.newest()).toEqual(exchanged.newest());
    await exchanged.begin();

    await expect(running.of(2)).rejects.toThrow('start it again with the new one');
    await expect(running.begin()).rejects.toThrow(DeploymentKeyError);
    expect(await running.of(1)).toEqual(exchanged.all()[1]);
    expect((await rows.read())?.roots).toHaveLength(2);
  });

  it('does not hide that a root was altered, or stands for another generation (X1)', async () => {
    const key = aKey();
    const roots = await started(key);
    await roots.begin();
    const record = await rows.read();
    const [one, two] = record?.roots ?? [];
    if (!record || !one || !two) throw new Error('there are no roots');
    const swapped: RootRecord = { ...record, roots: [{ ...one, wrapped: two.wrapped }, two] };

    await expect(started(key, [], nothing, createRootRows(swapped))).rejects.toMatchObject({
      code: 'altered',
    });
  });
});

describe('a generation that others began', () => {
  it('is looked for when it is asked for, and an error only when there is none (X6)', async () => {
    const key = aKey();
    const [one, other] = [await started(key), await started(key)];
    await one.begin();

    expect(other.known(2)).toBeUndefined();
    expect(await other.of(2)).toEqual(one.newest());
    expect(other.newest()).toEqual(one.newest());
    await expect(other.of(3)).rejects.toThrow('generation 3');
  });

  it('is known to whoever asks while an earlier look is under way (X6)', async () => {
    const key = aKey();
    const writer = await started(key);
    let reads = 0;
    const waiting: (() => void)[] = [];
    const slow: RootRows = {
      ...rows,
      async read() {
        const record = await rows.read();
        reads += 1;
        if (reads > 1) await new Promise<void>((resolve) => waiting.push(resolve));
        return record;
      },
    };
    const reader = await started(key, [], nothing, slow);

    const early = reader.refresh();
    await expect.poll(() => waiting.length).toBe(1);
    await writer.begin();
    const late = [reader.refresh(), reader.refresh()];
    waiting.shift()?.();
    await early;
    expect(reader.known(2)).toBeUndefined();
    await expect.poll(() => waiting.length).toBe(1);
    waiting.shift()?.();
    await Promise.all(late);

    expect(reader.known(2)).toEqual(writer.newest());
    expect(reads).toBe(3);
  });

  it('is begun once until it is finished, whoever begins (X5)', async () => {
    const key = aKey();
    const roots = await started(key);

    const begun = await Promise.all(
      Array.from({ length: 5 }, async () => (await started(key)).begin()),
    );

    expect(new Set(begun)).toEqual(new Set([2]));
    await roots.finish(1);
    expect(await roots.renewing()).toBe(2);
    await roots.finish(2);
    expect(await roots.renewing()).toBeUndefined();
    expect(await roots.begin()).toBe(3);
  });
});

describe('whatever is done to a deployment in whatever order', () => {
  const step = fc.record({
    act: fc.constantFrom('begin', 'finish', 'exchange', 'start'),
    key: fc.nat(4),
    former: fc.nat(4),
    at: fc.nat(2),
  });

  it('its roots open with one key alone, and none is ever lost or changed (X1, X2, X4)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const keys = Array.from({ length: 5 }, aKey);
        const keyOf = (index: number) => keys[index] ?? aKey();
        const on = createRootRows();
        let current = 0;
        const first = await started(keyOf(0), [], nothing, on);
        const ever = new Map(first.all().map(({ generation, secret }) => [generation, secret]));
        const processes = [first];
        for (const { act, key, former, at } of steps) {
          const process = processes[at % processes.length] ?? first;
          const before = await on.read();
          try {
            if (act === 'begin') await process.begin();
            if (act === 'finish') await process.finish((await process.renewing()) ?? 0);
            if (act === 'exchange') {
              processes.push(await started(keyOf(key), [keyOf(former)], nothing, on));
              current = key;
            }
            if (act === 'start') processes.push(await started(keyOf(key), [], nothing, on));
          } catch (error) {
            expect(error).toBeInstanceOf(DeploymentKeyError);
            expect(await on.read()).toBe(before);
          }
          const now = await started(keyOf(current), [], nothing, on);
          for (const [generation, secret] of ever)
            expect(now.known(generation)?.secret).toEqual(secret);
          for (const { generation, secret } of now.all()) ever.set(generation, secret);
          for (const [index, other] of keys.entries())
            if (index !== current)
              await expect(started(other, [], nothing, on)).rejects.toThrow(DeploymentKeyError);
        }
      }),
      { numRuns: 60 },
    );
  });
});
