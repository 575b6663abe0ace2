import { describe, expect, it } from 'vitest';
import { createAssembly, type Part } from './assembly.ts';

const aPart = (number: number, change: Partial<Part> = {}): Part => ({
  ...{ from: '+886912345678', to: '27300', reference: 7, total: 3, number, text: `<${number}>` },
  ...change,
});

describe('the parts of a text', () => {
  it('make a whole in the order of their numbers, with what came with each', () => {
    const assembly = createAssembly<string>();

    expect(assembly.add(aPart(3), 'c', 0)).toBeUndefined();
    expect(assembly.add(aPart(1), 'a', 0)).toBeUndefined();
    expect(assembly.add(aPart(2), 'b', 0)).toEqual({
      ...{ from: '+886912345678', to: '27300', text: '<1><2><3>', parts: 3 },
      held: ['c', 'a', 'b'],
    });
  });

  it('count once each, however often they come (M1)', () => {
    const assembly = createAssembly<string>();
    assembly.add(aPart(1), 'a', 0);

    expect(assembly.add(aPart(1), 'a again', 0)).toBeUndefined();
    expect(assembly.add(aPart(2), 'b', 0)).toBeUndefined();
    expect(assembly.add(aPart(3), 'c', 0)?.held).toEqual(['a', 'a again', 'b', 'c']);
  });

  it.each<[string, Partial<Part>]>([
    ['phones', { from: '+886912345679' }],
    ['recipients', { to: '27301' }],
    ['references', { reference: 8 }],
    ['numbers of parts', { total: 2 }],
  ])('of other %s are of another text', (_what, change) => {
    const assembly = createAssembly<string>();
    assembly.add(aPart(1), 'a', 0);
    assembly.add(aPart(2), 'b', 0);

    expect(assembly.add(aPart(3, { number: 2, ...change }), 'x', 0)).toBeUndefined();
    expect(assembly.add(aPart(3), 'c', 0)?.text).toBe('<1><2><3>');
  });

  it('begin anew when a text was whole', () => {
    const assembly = createAssembly<string>();
    const ends = [1, 2, 3, 1, 2].map((number) => assembly.add(aPart(number), 'x', 0)?.parts);

    expect(ends).toEqual([undefined, undefined, 3, undefined, undefined]);
  });

  it('are let go after a while, once each, and still waited for (M2)', () => {
    const assembly = createAssembly<string>({ holdMs: 2_000 });
    assembly.add(aPart(1), 'a', 0);
    assembly.add(aPart(2), 'b', 1_000);

    expect(assembly.letGo(1_999)).toEqual([]);
    expect(assembly.letGo(2_000)).toEqual(['a']);
    expect(assembly.letGo(2_500)).toEqual([]);
    expect(assembly.add(aPart(3), 'c', 2_600)).toMatchObject({
      ...{ text: '<1><2><3>', held: ['b', 'c'] },
    });
  });

  it('are taken as far as they are there when the rest does not come (M3)', () => {
    const assembly = createAssembly<string>({ waitMs: 60_000 });
    assembly.add(aPart(1), 'a', 0);
    assembly.add(aPart(3), 'c', 50_000);

    expect(assembly.giveUp(59_999)).toEqual([]);
    expect(assembly.giveUp(60_000)).toMatchObject([{ text: '<1>…<3>', held: ['a', 'c'] }]);
    expect(assembly.giveUp(120_000)).toEqual([]);
  });

  it('of too many texts push out the oldest (M3)', () => {
    const assembly = createAssembly<string>({ most: 2 });
    for (const reference of [1, 2, 3]) assembly.add(aPart(1, { reference }), `${reference}`, 0);

    expect(assembly.giveUp(0)).toMatchObject([{ held: ['1'] }]);
    expect(assembly.giveUp(0)).toEqual([]);
  });
});
