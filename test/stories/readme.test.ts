import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '@sojourn/engine';
import { email } from '@sojourn/plugin-email';
import { manifestOf, type PluginDefinition } from '@sojourn/plugin-kit';
import { createTestContext } from '@sojourn/plugin-kit/testing';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The fenced block after `<!-- sample: name -->`. */
function sample(name: string): string {
  const match = new RegExp(`<!-- sample: ${name} -->\\s*\`\`\`\\w+\\n([^]*?)\`\`\``).exec(readme);
  return match?.[1] ?? '';
}

describe('the README', () => {
  it('shows a journey that can be published as it is', () => {
    const environment = {
      manifests: [manifestOf(email)],
      timeZone: 'UTC',
      now: Date.parse('2026-11-24T00:00:00Z'),
    };

    expect(compile(JSON.parse(sample('journey')), environment).diagnostics).toEqual([]);
  });

  it('shows a plugin in forty lines that does what it says', async () => {
    const text = sample('plugin');
    expect(text.split('\n').length).toBeLessThanOrEqual(40);
    mkdirSync(join(root, 'test-results'), { recursive: true });
    const file = join(root, 'test-results', 'readme-plugin.ts');
    writeFileSync(file, text);
    const { postcard } = (await import(file)) as { postcard: PluginDefinition };
    const asked: Request[] = [];
    const fakeFetch: typeof fetch = (input, init) => {
      asked.push(new Request(input, init));
      return Promise.resolve(
        new Response(null, { status: 201, headers: { location: '/cards/7' } }),
      );
    };

    const result = await postcard.actions['send']?.perform(
      {
        config: { text: 'Hi' },
        subject: { type: 'patient', key: 'p1', attributes: {} },
        idempotencyKey: 'r/s#1',
        attempt: 1,
        deadline: 0,
        links: { click: String, open: String, unsubscribe: String },
      },
      createTestContext({
        plugin: 'postcard',
        type: 'printer',
        settings: { url: 'https://printer.example/cards', token: 't' },
        fetch: fakeFetch,
      }),
    );

    expect(result).toEqual({ type: 'done', outcome: 'printed', output: { card: '/cards/7' } });
    expect(asked[0]?.headers.get('idempotency-key')).toBe('r/s#1');
  });

  it('names every setting that is read, and no other', () => {
    const read = new Set<string>();
    for (const file of sourcesUnder(join(root, 'platform'))) {
      for (const match of readFileSync(file, 'utf8').matchAll(
        /env\['((?:SOJOURN|MONGODB|TEMPORAL)_[A-Z_]+)'\]/g,
      ))
        read.add(match[1] ?? '');
    }
    const named = [...readme.matchAll(/^\| `((?:SOJOURN|MONGODB|TEMPORAL)_[A-Z_]+)`/gm)].map(
      (match) => match[1],
    );

    expect(new Set(named)).toEqual(read);
  });

  it('names only commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const guide = readFileSync(join(root, 'docs/plugins.md'), 'utf8');
    const commands = [...`${readme}${guide}`.matchAll(/npm (?:run )?([a-z:-]+)/g)].map(
      (match) => match[1] ?? '',
    );

    expect(commands).toContain('new-plugin');
    for (const command of commands) expect(Object.keys(scripts)).toContain(command);
  });

  it('links to nothing that is missing', () => {
    for (const match of readme.matchAll(/\]\(((?!https?:)[^)#]+)\)/g)) {
      expect(() => readdirOrRead(join(root, match[1] ?? '')), match[1]).not.toThrow();
    }
  });
});

function sourcesUnder(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory())
      return entry.name === 'node_modules' || entry.name === 'dist' ? [] : sourcesUnder(path);
    return /\.(ts|mjs)$/.test(entry.name) && !entry.name.includes('.test.') ? [path] : [];
  });
}

function readdirOrRead(path: string): unknown {
  try {
    return readdirSync(path);
  } catch {
    return readFileSync(path);
  }
}
