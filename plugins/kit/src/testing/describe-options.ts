import { describe, expect, it } from 'vitest';
import { PluginError, type ActionDefinition, type OptionPage } from '../contract.ts';
import type { ActionExample, Outside } from './outside.ts';

const answerMs = 3_000;
const mostPages = 50;

/** Describes the tests of the choices that an action offers for the fields of its form. */
export function describeOptions(
  action: ActionDefinition,
  example: ActionExample,
  outside: () => Pick<Outside, 'host' | 'sandbox'>,
): void {
  for (const [name, find] of Object.entries(action.options ?? {})) {
    const ask = (search: string, cursor?: string): Promise<OptionPage> =>
      find(
        { search, config: example.config, ...(cursor === undefined ? {} : { cursor }) },
        outside().host.context(),
      );

    describe(`the choices '${name}'`, () => {
      it('come within three seconds, page by page, none of them twice', async () => {
        const values: string[] = [];
        let cursor: string | undefined;
        let pages = 0;
        do {
          const began = Date.now();
          const { items, nextCursor } = await ask('', cursor);
          expect(Date.now() - began).toBeLessThan(answerMs);
          for (const { value, label } of items)
            expect([typeof value, typeof label]).toEqual(['string', 'string']);
          values.push(...items.map(({ value }) => value));
          cursor = nextCursor;
          pages += 1;
        } while (cursor !== undefined && pages < mostPages);

        expect(new Set(values).size).toBe(values.length);
        expect(values).not.toEqual([]);
      });

      it('can be looked for by what they are called', async () => {
        const [last] = (await ask('')).items.slice(-1);
        const found = await ask(last?.label ?? '');
        expect(found.items).toContainEqual(last);
      });

      it('are none when nothing is called so', async () => {
        expect((await ask('no such thing \u2603')).items).toEqual([]);
      });

      it('are an error that says why while the provider is broken', async () => {
        const { sandbox } = outside();
        sandbox.behave('broken');
        const error = await ask('').catch((thrown: unknown) => thrown);
        sandbox.behave('well');
        expect(error).toBeInstanceOf(PluginError);
      });
    });
  }
}
