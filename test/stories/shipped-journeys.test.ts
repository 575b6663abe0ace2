import { readFileSync } from 'node:fs';
import { compile } from '@sojourn/engine';
import { email } from '@sojourn/plugin-email';
import { manifestOf } from '@sojourn/plugin-kit';
import { describe, expect, it } from 'vitest';

const environment = {
  manifests: [manifestOf(email)],
  connections: [{ id: 'default-email', plugin: 'email', type: 'smtp', default: true }],
  timeZone: 'UTC',
  now: Date.parse('2026-11-24T00:00:00Z'),
};

describe('the shipped journeys', () => {
  it.each(['tour', 'refill-adherence'])('%s can be published as it is', (key) => {
    const document: unknown = JSON.parse(
      readFileSync(new URL(`../../schemas/journeys/${key}.json`, import.meta.url), 'utf8'),
    );

    expect(compile(document, environment).diagnostics).toEqual([]);
  });
});
