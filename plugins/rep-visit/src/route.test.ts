import { describe, expect, it } from 'vitest';
import { channelsFor, route } from './route.ts';
import type { Channel, Representative } from './settings.ts';

const aRep = (id: string, channels: Channel[], territories = ['north']): Representative => ({
  ...{ id, name: id, email: `${id}@reps.example`, timeZone: 'UTC', channels, territories },
});
const ofAll = ['face-to-face', 'online', 'phone'] as const;
const idFor = (reps: Representative[], subject = 'hcp/h1', territory = 'north') =>
  route(reps, { territory, channels: ofAll, subject })?.representative.id;

describe('the route of a visit', () => {
  it('takes the first channel that anybody of the territory offers (R2)', () => {
    const reps = [aRep('a', ['phone']), aRep('b', ['online']), aRep('c', ['online'], ['south'])];

    expect(route(reps, { territory: 'north', channels: ofAll, subject: 's' })).toMatchObject({
      ...{ channel: 'online', representative: { id: 'b' } },
    });
    expect(
      route(reps, { territory: 'north', channels: ['phone', 'online'], subject: 's' }),
    ).toMatchObject({ channel: 'phone', representative: { id: 'a' } });
  });

  it('leads nowhere when nobody fits', () => {
    expect(idFor([aRep('a', ['phone'])], 's', 'south')).toBeUndefined();
    expect(idFor([aRep('a', [])])).toBeUndefined();
    expect(idFor([aRep('a', ['phone'])], 's', ' North ')).toBe('a');
  });

  it('is the same for the same person, whatever the order of the list (R1)', () => {
    const reps = ['a', 'b', 'c', 'd'].map((id) => aRep(id, ['phone']));

    for (let person = 0; person < 50; person += 1)
      expect(idFor([...reps].reverse(), `hcp/${person}`)).toBe(idFor(reps, `hcp/${person}`));
  });

  it('spreads people, and moves nobody else when one representative leaves (R3)', () => {
    const reps = ['a', 'b', 'c', 'd'].map((id) => aRep(id, ['phone']));
    const people = Array.from({ length: 400 }, (_, index) => `hcp/${index}`);
    const before = people.map((person) => idFor(reps, person));
    const after = people.map((person) => idFor(reps.slice(1), person));

    for (const id of ['a', 'b', 'c', 'd'])
      expect(before.filter((one) => one === id).length).toBeGreaterThan(60);
    expect(after.filter((id, index) => before[index] !== 'a' && id !== before[index])).toEqual([]);
  });
});

describe('the channels for a class', () => {
  const mix = { A: ['face-to-face'], D: ['online'] } satisfies Record<string, Channel[]>;

  it.each<[string | undefined, readonly Channel[]]>([
    ['A', ['face-to-face']],
    [' d ', ['online']],
    ['B', ['phone']],
    [undefined, ['phone']],
  ])('of %j are %j', (className, channels) => {
    expect(channelsFor({ mix, channels: ['phone'] }, className)).toEqual(channels);
  });

  it('are all of them when nothing is said', () => {
    expect(channelsFor({}, 'A')).toEqual(ofAll);
  });
});
