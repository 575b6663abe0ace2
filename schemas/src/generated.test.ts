import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { eventValidator, faultsOf, journeyValidator } from './index.ts';

// The generator is plain JavaScript, run by Node: it has no types of its own.
const { generate } = (await import(new URL('../scripts/generate.mjs', import.meta.url).href)) as {
  generate: () => Promise<Record<string, string>>;
};

describe('the generated files', () => {
  it('are what the schemas say', async () => {
    for (const [name, text] of Object.entries(await generate())) {
      const committed = await readFile(new URL(`generated/${name}`, import.meta.url), 'utf8');
      expect(committed === text, `${name} is stale: run npm run generate -w @sojourn/schemas`).toBe(
        true,
      );
    }
  });

  it('need no eval, so that a strict content security policy holds', async () => {
    const text = await readFile(new URL('generated/validators.js', import.meta.url), 'utf8');

    expect(text).not.toMatch(/new Function|\beval\(/);
  });
});

describe('a validator', () => {
  const event = { specversion: '1.0', id: '1', source: 's', type: 'a.b', subject: 'patient/p1' };

  it('accepts an instant with a zone and no other', () => {
    expect(faultsOf(eventValidator, { ...event, time: '2027-01-05T09:00:00+08:00' })).toEqual([]);
    for (const time of ['2027-01-05', '2027-01-05T09:00:00', '2027-13-05T09:00:00Z', 7]) {
      expect(faultsOf(eventValidator, { ...event, time })).toMatchObject([{ pointer: '/time' }]);
    }
  });

  it('says where something is wrong and what was expected', () => {
    const document = {
      format: 2,
      key: 'k',
      name: 'n',
      subject: 's',
      entry: [{ on: 'manual' }],
      start: 'a',
      steps: { a: { kind: 'halt' } },
      edges: [],
    };

    expect(faultsOf(journeyValidator, document)).toEqual([
      { pointer: '/format', detail: 'must be 1' },
      { pointer: '/steps/a/kind', detail: `"halt" is no known 'kind'` },
    ]);
  });
});
