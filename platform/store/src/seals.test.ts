import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';

import { createKeyRing, generationOfOwn, ownKeyId } from './keys.ts';
import { createKeyRows } from './memory/keys.ts';
import { fixedRoots } from './roots.ts';
import { createSeals, keyIdIn } from './seals.ts';

const roots = fixedRoots(randomBytes(32));
const rows = createKeyRows();
const keys = createKeyRing(rows, roots);
const subject = { type: 'patient', key: 'p-1' };
const seals = createSeals(keys, roots, (runId) =>
  Promise.resolve(runId === 'run' ? { subject } : undefined),
);

describe('a sealed value', () => {
  it.each([
    ['a short text', 'a@b.example'],
    ['a long one, deflated (V5)', JSON.stringify({ texts: Array(100).fill('a@b.example') })],
    ['an empty one', ''],
  ])('keeps %s out of sight and gives it back', async (_, text) => {
    const key = await seals.ofSubject(subject);

    const sealed = seals.seal(key, text, 'here');

    expect(sealed.includes('a@b.example')).toBe(false);
    expect(sealed.length).toBeLessThanOrEqual(Math.max(text.length, 11) + 38);
    expect(keyIdIn(sealed)).toBe(key.id); // V1
    expect(await seals.open(sealed, 'here')).toBe(text);
  });

  it('does not open elsewhere, or altered (V2)', async () => {
    const sealed = seals.seal(await seals.ofSubject(subject), 'text', 'here');
    const altered = Buffer.from(sealed);
    altered[sealed.length - 20] = (altered[sealed.length - 20] ?? 0) ^ 1;

    await expect(seals.open(sealed, 'there')).rejects.toThrow();
    await expect(seals.open(altered, 'here')).rejects.toThrow();
  });

  it('is sealed with the key of the run, and of an unknown run with the own one', async () => {
    expect(await seals.ofRun('run')).toEqual(await seals.ofSubject(subject));
    const own = await seals.ofRun('nobody');
    expect(await seals.open(seals.seal(own, 'text', 'here'), 'here')).toBe('text');
  });

  it('opens to nothing once the key was destroyed (V4)', async () => {
    const gone = { type: 'patient', key: 'p-2' };
    const sealed = seals.seal(await seals.ofSubject(gone), 'text', 'here');

    await keys.destroy(gone.type, gone.key, 1);

    expect(await seals.open(sealed, 'here')).toBeUndefined();
    expect(JSON.stringify(await rows.current('patient/p-2'))).not.toContain('wrapped');
  });
});

describe('the key of a subject', () => {
  it('is looked up once by however many ask for it at once', async () => {
    const { id } = await keys.of('patient', 'asked');
    const byId = vi.spyOn(rows, 'byId');
    const elsewhere = createKeyRing(rows, roots); // it knows no key yet

    const found = await Promise.all([1, 2, 3].map(() => elsewhere.byId(id)));

    expect(byId).toHaveBeenCalledTimes(1);
    expect(new Set(found.map((key) => key?.id))).toEqual(new Set([id]));

    await expect(elsewhere.byId('never-given-out')).rejects.toThrow('missing'); // Y3
    await expect(elsewhere.byId('never-given-out')).rejects.toThrow('missing');
    byId.mockRestore();
  });

  it('opens under another root never (Y1)', async () => {
    await keys.of('patient', 'p-3');
    const stranger = createKeyRing(rows, fixedRoots(randomBytes(32)));

    await expect(stranger.of('patient', 'p-3')).rejects.toThrow();
  });
});

describe('several generations of roots', () => {
  const first = Buffer.alloc(32, 7);
  const several = fixedRoots(first, randomBytes(32), randomBytes(32));
  const sealsOf = (by: typeof several) => createSeals(keys, by, () => Promise.resolve(undefined));

  it('seal what is about nobody under the newest, and open every one (V6)', async () => {
    const earlier = sealsOf(fixedRoots(first));
    const later = sealsOf(several);
    const before = earlier.seal(await earlier.ofRun('nobody'), 'before', 'here');
    const after = later.seal(await later.ofRun('nobody'), 'after', 'here');

    expect(keyIdIn(before)).toBe('AAAAAAAAAAAA');
    expect(generationOfOwn(keyIdIn(after))).toBe(3);
    expect(await later.open(before, 'here')).toBe('before');
    expect(await later.open(after, 'here')).toBe('after');
    await expect(earlier.open(after, 'here')).rejects.toThrow();
  });

  it('open what an earlier release sealed (V6, Y1)', async () => {
    const own = Buffer.from('AQAAAAAAAAAAACjyXj4d/jiq7U6srwdEseQxe/GQwHSH9xdPWtHKtWJZ', 'base64');
    expect(await sealsOf(several).open(own, 'here')).toBe('said');

    const kept = createKeyRows();
    const wrapped =
      '94QLzb1smYlhUOLgwi5s9y6z0QW6Go/r2esu4xKwEuiUqlRf2V+tiCoiImhfWgTR5r9emEgFcPiZjNpi';
    await kept.insert({
      ...{ id: 'qrqFnqYd8LyA', subject: 'patient/mei', generation: 1 },
      wrapped: Buffer.from(wrapped, 'base64'),
    });
    const found = await createKeyRing(kept, several).of('patient', 'mei');
    expect(Buffer.from(found.key).toString('base64')).toBe(
      'nvNxFckhtQ2+kzRIbzFz+Svt5AjgFPnTW4MLveV9jzI=',
    );
  });

  it('wrap keys under the newest, and say under which (Y1)', async () => {
    const kept = createKeyRows();
    await createKeyRing(kept, several).of('patient', 'lin');

    expect((await kept.current('patient/lin'))?.generation).toBe(3);
    expect(await kept.count()).toEqual(new Map([[3, 1]]));
    await expect(createKeyRing(kept, fixedRoots(first)).of('patient', 'lin')).rejects.toThrow();
  });

  it('name their own keys apart from everybody else', () => {
    for (const generation of [1, 2, 300, 70_000])
      expect(generationOfOwn(ownKeyId(generation))).toBe(generation);
    expect(generationOfOwn('AAAAAAABAAAA')).toBeUndefined();
    expect(generationOfOwn('AAAA')).toBeUndefined();
  });
});

describe('rows of keys wrapped anew', () => {
  it('take the place of the same key under the same generation alone (Y1, N3)', async () => {
    const kept = createKeyRows();
    const wrapped = randomBytes(60);
    const row = { id: 'a', subject: 'patient/a', wrapped, generation: 1 };
    await kept.insert(row);
    await kept.insert({ ...row, id: 'b', subject: 'patient/b' });
    await kept.bury('patient/b', 'x', 1);

    const anew = { wrapped: randomBytes(60), generation: 3 };
    await kept.rewrap([
      { ...row, ...anew, before: 2 },
      { ...row, ...anew, id: 'b', subject: 'patient/b', before: 1 },
      { ...row, ...anew, id: 'none', before: 1 },
    ]);
    expect(await kept.byId('a')).toEqual(row);
    expect((await kept.byId('b'))?.wrapped).toBeUndefined();
    expect(await kept.byId('none')).toBeUndefined();

    await kept.rewrap([{ ...row, ...anew, before: 1 }]);
    expect(await kept.byId('a')).toEqual({ ...row, ...anew });
    expect(await kept.wrappedBefore(3, '', 9)).toEqual([]);
    expect((await kept.wrappedBefore(4, '', 9)).map(({ id }) => id)).toEqual(['a']);
    expect(await kept.wrappedBefore(4, 'a', 9)).toEqual([]);
  });
});
