import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createLinkSigner, linksFor } from './links.ts';

const signer = createLinkSigner(randomBytes(32));

describe('a signed link', () => {
  const claim = {
    kind: 'click',
    runId: 'r-1',
    effect: 'm#1',
    plugin: 'email',
    url: 'https://example.org/a',
  } as const;

  it('is read back as it was signed', () => {
    expect(signer.read(signer.sign(claim))).toEqual(claim);
  });

  it('is refused when its target was altered, or another key signed it (G1)', () => {
    const signed = signer.sign(claim);
    const forged = Buffer.from(JSON.stringify({ ...claim, url: 'https://evil.example' })).toString(
      'base64url',
    );

    expect(signer.read(`${forged}.${signed.split('.')[1] ?? ''}`)).toBeUndefined();
    expect(createLinkSigner(randomBytes(32)).read(signed)).toBeUndefined();
    expect(signer.read('')).toBeUndefined();
    expect(signer.read('a.b')).toBeUndefined();
  });

  it('names no person', () => {
    const links = linksFor(signer, 'https://s.example', {
      runId: 'r-1',
      effect: 'm#1',
      plugin: 'email',
      channel: 'email',
    });

    expect(links.unsubscribe()).toMatch(/^https:\/\/s\.example\/u\//);
    expect(signer.read(links.unsubscribe().split('/u/')[1] ?? '')).toEqual({
      kind: 'unsubscribe',
      runId: 'r-1',
      effect: 'm#1',
      plugin: 'email',
      channel: 'email',
      purpose: '*',
    });
  });
});
