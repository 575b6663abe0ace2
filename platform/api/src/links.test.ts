import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fixedRoots } from '@sojourn/store';
import { createLinkSigner, linksFor } from './links.ts';

const signer = createLinkSigner(fixedRoots(randomBytes(32)));

describe('a signed link', () => {
  const claim = {
    kind: 'click',
    runId: 'r-1',
    effect: 'm#1',
    plugin: 'email',
    url: 'https://example.org/a',
  } as const;

  it('is read back as it was signed', async () => {
    expect(await signer.read(signer.sign(claim))).toEqual(claim);
  });

  it('is refused when its target was altered, or another key signed it (G1)', async () => {
    const signed = signer.sign(claim);
    const forged = Buffer.from(JSON.stringify({ ...claim, url: 'https://evil.example' })).toString(
      'base64url',
    );

    expect(await signer.read(`${forged}.${signed.split('.')[1] ?? ''}`)).toBeUndefined();
    expect(await createLinkSigner(fixedRoots(randomBytes(32))).read(signed)).toBeUndefined();
    expect(await signer.read('')).toBeUndefined();
    expect(await signer.read('a.b')).toBeUndefined();
  });

  it('names no person', async () => {
    const links = linksFor(signer, 'https://s.example', {
      runId: 'r-1',
      effect: 'm#1',
      plugin: 'email',
      channel: 'email',
    });

    expect(links.unsubscribe()).toMatch(/^https:\/\/s\.example\/u\//);
    expect(await signer.read(links.unsubscribe().split('/u/')[1] ?? '')).toEqual({
      kind: 'unsubscribe',
      runId: 'r-1',
      effect: 'm#1',
      plugin: 'email',
      channel: 'email',
      purpose: '*',
    });
  });
});

describe('links of several generations', () => {
  const [first, second] = [Buffer.alloc(32, 7), randomBytes(32)];
  const claim = { kind: 'open', runId: 'r-1', effect: 'm#1', plugin: 'email' } as const;
  const later = createLinkSigner(fixedRoots(first, second));

  it('are good under every root, those that an earlier release sent too (G5)', async () => {
    const sent =
      'eyJraW5kIjoib3BlbiIsInJ1bklkIjoici0xIiwiZWZmZWN0IjoibSMxIiwicGx1Z2luIjoiZW1haWwifQ.lrNs-ATdjcioNHIkJuMNxEeE';

    expect(await later.read(sent)).toEqual(claim);
    expect(await later.read(later.sign(claim))).toEqual(claim);
    const webhook = { kind: 'callbacks', connection: 'mail' } as const;
    expect(await later.read(createLinkSigner(fixedRoots(first)).sign(webhook))).toEqual(webhook);
  });

  it('are signed under the newest, by a plugin as well (G5, G4)', async () => {
    const newest = { ...fixedRoots(first, second), all: () => [{ generation: 2, secret: second }] };
    const links = linksFor(later, 'https://s.example', { ...claim, channel: 'email' });

    expect(await createLinkSigner(newest).read(later.sign(claim))).toEqual(claim);
    expect(await createLinkSigner(newest).read(links.open().split('/t/')[1] ?? '')).toEqual(claim);
  });

  it('of a root that another process has begun are good after a look (G5)', async () => {
    let known = fixedRoots(first);
    let looks = 0;
    const behind = createLinkSigner({
      newest: () => known.newest(),
      all: () => known.all(),
      refresh() {
        looks += 1;
        known = fixedRoots(first, second);
        return Promise.resolve();
      },
    });

    expect(await behind.read(createLinkSigner(fixedRoots(first)).sign(claim))).toEqual(claim);
    expect(looks).toBe(0);
    expect(await behind.read(later.sign(claim))).toEqual(claim);
    expect(looks).toBe(1);
    const foreign = createLinkSigner(fixedRoots(randomBytes(32))).sign(claim);
    expect(await behind.read(foreign)).toBeUndefined();
  });

  it('that cannot be looked into are not refused for it (G5)', async () => {
    const away = {
      ...fixedRoots(first),
      refresh: () => Promise.reject(new Error('the database is away')),
    };

    await expect(createLinkSigner(away).read(later.sign(claim))).rejects.toThrow('away');
  });
});
