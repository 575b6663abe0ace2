import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { createKeyRing } from './keys.ts';
import { createKeyRows } from './memory/keys.ts';
import { createSeals, keyIdIn } from './seals.ts';

const deploymentKey = randomBytes(32);
const rows = createKeyRows();
const keys = createKeyRing(rows, deploymentKey);
const subject = { type: 'patient', key: 'p-1' };
const seals = createSeals(keys, deploymentKey, (runId) =>
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
  it('opens under another deployment key never (Y1)', async () => {
    await keys.of('patient', 'p-3');
    const stranger = createKeyRing(rows, randomBytes(32));

    await expect(stranger.of('patient', 'p-3')).rejects.toThrow();
  });
});
