import fc from 'fast-check';
import type { CapPolicy, ConsentPolicy, QuietHoursPolicy, StatusPolicy } from '@sojourn/schemas';
import { describe, expect, it } from 'vitest';
import { instantText } from '../time/instants.ts';
import {
  decide,
  mayBeCounted,
  policyOrder,
  type Contact,
  type ContactAnswer,
  type ContactFacts,
  type ContactQuestion,
  type PolicyRule,
} from './index.ts';

const at = Date.parse('2027-01-13T12:00:00Z'); // a Wednesday
const minute = 60_000;
const hour = 3_600_000;
const day = 24 * hour;

const question: ContactQuestion = {
  name: 'r1/m#1',
  journey: 'adherence',
  channel: 'email',
  purpose: 'marketing',
};
const given = {
  purpose: 'marketing',
  channel: 'email',
  state: 'given',
  at: 0,
  source: 's',
} as const;

const facts = (change: Partial<ContactFacts> = {}): ContactFacts => ({
  at,
  timeZone: 'UTC',
  subject: {},
  consents: [],
  policies: [],
  contacts: [],
  ...change,
});
const base = { name: 'n', enabled: true };
const quiet = (change: Partial<QuietHoursPolicy> = {}): QuietHoursPolicy => ({
  ...{ ...base, kind: 'quiet-hours', key: 'night', from: '21:00', to: '08:00' },
  ...change,
});
const cap = (change: Partial<CapPolicy> = {}): CapPolicy => ({
  ...{ ...base, kind: 'cap', key: 'cap', limit: 1, over: 'all' },
  ...(change.calendar === undefined ? { per: 'P7D' } : {}),
  ...change,
});
const optIn = (change: Partial<ConsentPolicy> = {}): ConsentPolicy => ({
  ...{ ...base, kind: 'consent', key: 'opt-in', basis: 'opt-in' },
  ...change,
});
const status = (change: Partial<StatusPolicy> = {}): StatusPolicy => ({
  ...{ ...base, kind: 'status', key: 'never', values: ['deceased'], then: 'suppress' },
  ...change,
});
const contact = (change: Partial<Contact> = {}): Contact => ({
  ...{ at: at - hour, journey: 'adherence', channel: 'email', purpose: 'marketing' },
  ...change,
});
const until = (answer: ContactAnswer): string | undefined =>
  answer.answer === 'defer' ? instantText(answer.until) : undefined;
const codeOf = (answer: ContactAnswer): unknown =>
  answer.answer === 'allow' ? undefined : answer.because['code'];

/** Makes one rule object, and no other. */
const objections: Record<
  PolicyRule,
  (given: { question: ContactQuestion; facts: ContactFacts }) => {
    question: ContactQuestion;
    facts: ContactFacts;
  }
> = {
  expires: ({ question, facts }) => ({ question: { ...question, expiresAt: at - 1 }, facts }),
  journey: ({ question, facts }) => ({
    question,
    facts: { ...facts, journey: { state: 'paused', waits: 'freeze' } },
  }),
  status: ({ question, facts }) => ({
    question,
    facts: { ...facts, subject: { ...facts.subject, status: 'deceased' } },
  }),
  consent: ({ question, facts }) => ({ question, facts: { ...facts, consents: [] } }),
  content: ({ question, facts }) => ({
    question,
    facts: { ...facts, content: { approved: false, because: {} } },
  }),
  'quiet-hours': ({ question, facts }) => ({
    question,
    facts: { ...facts, policies: [...facts.policies, quiet({ from: '10:00', to: '13:00' })] },
  }),
  cap: ({ question, facts }) => ({ question, facts: { ...facts, contacts: [contact()] } }),
  connection: ({ question, facts }) => ({
    question,
    facts: { ...facts, connection: { id: 'c', window: { from: '14:00', to: '18:00' } } },
  }),
};
const silent = {
  question,
  facts: facts({
    journey: { state: 'live', waits: 'run' },
    consents: [given],
    policies: [status(), optIn(), cap()],
  }),
};

describe('the order of the rules', () => {
  it('lets a contact through when no rule objects, and says that it counts', () => {
    expect(decide(silent.question, silent.facts)).toEqual({ answer: 'allow', counts: true });
  });

  const combinations = Array.from({ length: 2 ** policyOrder.length - 1 }, (_, index) =>
    policyOrder.filter((_rule, place) => ((index + 1) >> place) % 2 === 1),
  );

  it('lets the first rule that objects decide, in all 255 ways of objecting', () => {
    for (const objecting of combinations) {
      const asked = objecting.reduce((so, rule) => objections[rule](so), silent);
      const answer = decide(asked.question, asked.facts);

      expect(answer.answer === 'allow' ? undefined : answer.because['rule'], objecting.join()).toBe(
        objecting[0],
      );
    }
  });

  it('gives the same answer for the same facts, in whatever order policies stand', () => {
    for (const objecting of combinations) {
      const asked = objecting.reduce((so, rule) => objections[rule](so), silent);
      const reversed = { ...asked.facts, policies: asked.facts.policies.toReversed() };

      expect(decide(asked.question, reversed)).toEqual(decide(asked.question, asked.facts));
    }
  });
});

describe('a journey', () => {
  it.each([
    ['live', 'run', 'allow'],
    ['closed', 'run', 'allow'],
    ['closed', 'freeze', 'allow'],
    ['paused', 'run', 'allow'],
    ['paused', 'freeze', 'defer'],
  ])('that is %s with waits: %s answers %s', (state, waits, answer) => {
    expect(decide(question, facts({ journey: { state, waits } })).answer).toBe(answer);
  });

  it('that is frozen is asked about again in an hour, even if it will be too late then (Y4)', () => {
    const asked = { ...question, expiresAt: at + minute };
    const answer = decide(asked, facts({ journey: { state: 'paused', waits: 'freeze' } }));

    expect(answer).toMatchObject({ answer: 'defer', until: at + hour });
  });
});

describe('what is known of a person', () => {
  it('suppresses for the erased and the deceased, and waits for those on hold', () => {
    const policies = [status(), status({ key: 'hold', values: ['on-hold'], then: 'defer' })];
    const answers = [undefined, { status: 'deceased' }, { status: 'on-hold' }, { status: 'x' }].map(
      (subject) => decide(question, facts({ subject, policies })),
    );

    expect(answers.map(({ answer }) => answer)).toEqual(['suppress', 'suppress', 'defer', 'allow']);
    expect(answers.map(codeOf)).toEqual([
      ...['subject-erased', 'subject-status', 'subject-status', undefined],
    ]);
    expect(until(answers[2]!)).toBe('2027-01-14T12:00:00.000Z');
  });
});

describe('consent', () => {
  const consents = (...given_: Partial<ContactFacts['consents'][number]>[]) =>
    given_.map((one) => ({ ...given, ...one }));

  it.each([
    ['nothing was said', [], 'consent-missing'],
    ['it was given', [{}], undefined],
    ['it was given for all', [{ purpose: '*' }], undefined],
    ['it was given for another channel', [{ channel: 'sms' }], 'consent-missing'],
    ['it was given for another purpose', [{ purpose: 'support' }], 'consent-missing'],
    ['it was withdrawn', [{ state: 'withdrawn' }], 'consent-withdrawn'],
    ['it was withdrawn for all', [{}, { purpose: '*', state: 'withdrawn' }], 'consent-withdrawn'],
  ] as const)('by opt-in, where %s', (_, said, code) => {
    const asked = facts({ policies: [optIn()], consents: consents(...said) });

    expect(codeOf(decide(question, asked))).toBe(code);
  });

  it('by opt-out, allows until it is withdrawn', () => {
    const policies = [optIn({ basis: 'opt-out' })];

    expect(decide(question, facts({ policies })).answer).toBe('allow');
    const withdrawn = consents({ state: 'withdrawn' });
    expect(decide(question, facts({ policies, consents: withdrawn })).answer).toBe('suppress');
  });

  it('ends when its validity does', () => {
    const policies = [optIn({ validFor: 'P24M' })];
    const old = consents({ at: Date.parse('2025-01-13T12:00:00Z') });
    const fresh = consents({ at: Date.parse('2025-01-13T12:00:01Z') });

    expect(codeOf(decide(question, facts({ policies, consents: old })))).toBe('consent-expired');
    expect(decide(question, facts({ policies, consents: fresh })).answer).toBe('allow');
  });

  it('is wanted by the rules of every purpose where a contact names none', () => {
    const asked = { ...question, purpose: undefined };

    expect(codeOf(decide(asked, facts({ policies: [optIn({ purposes: ['marketing'] })] })))).toBe(
      'consent-missing',
    );
  });
});

describe('a policy', () => {
  it.each([
    ['journeys', { journeys: ['other'] }, { journeys: ['adherence'] }],
    ['purposes', { purposes: ['support'] }, { purposes: ['marketing'] }],
    ['channels', { channels: ['sms'] }, { channels: ['email'] }],
    ['countries', { countries: ['DE'] }, { countries: ['US'] }],
    ['regions', { countries: ['US-NY'] }, { countries: ['US-FL'] }],
    ['itself', { enabled: false }, {}],
  ])('is about what its %s say', (_, other, own) => {
    const subject = { country: 'US', region: 'US-FL' };

    expect(decide(question, facts({ subject, policies: [optIn(other)] })).answer).toBe('allow');
    expect(decide(question, facts({ subject, policies: [optIn(own)] })).answer).toBe('suppress');
  });

  it('of a country holds for its regions, and not where the country is unknown', () => {
    const policies = [optIn({ countries: ['US'] })];

    expect(decide(question, facts({ policies, subject: { region: 'US-FL' } })).answer).toBe(
      'suppress',
    );
    expect(decide(question, facts({ policies })).answer).toBe('allow');
  });

  it('is named in the trail with its revision', () => {
    expect(decide(question, facts({ policies: [{ ...optIn(), revision: 3 }] }))).toMatchObject({
      because: { rule: 'consent', policy: 'opt-in', revision: 3 },
    });
  });
});

describe('quiet hours', () => {
  const asked = (text: string, zone: string, policy: Partial<QuietHoursPolicy> = {}) =>
    decide(
      question,
      facts({ at: Date.parse(text), subject: { timeZone: zone }, policies: [quiet(policy)] }),
    );

  it.each([
    [
      'before midnight',
      '2027-01-13T22:30:00-05:00',
      'America/New_York',
      '2027-01-14T13:00:00.000Z',
    ],
    ['after midnight', '2027-01-14T02:00:00-05:00', 'America/New_York', '2027-01-14T13:00:00.000Z'],
    ['at their first instant', '2027-01-13T21:00:00Z', 'UTC', '2027-01-14T08:00:00.000Z'],
    ['in summer', '2027-07-01T23:00:00+02:00', 'Europe/Berlin', '2027-07-02T06:00:00.000Z'],
    ['in winter', '2027-01-01T23:00:00+01:00', 'Europe/Berlin', '2027-01-02T07:00:00.000Z'],
    [
      'on the night the clocks change',
      '2027-03-27T23:00:00+01:00',
      'Europe/Berlin',
      '2027-03-28T06:00:00.000Z',
    ],
  ])('%s defer until they end', (_, text, zone, expected) => {
    expect(until(asked(text, zone))).toBe(expected);
  });

  it.each([
    ['the minute before', '2027-01-13T20:59:59Z'],
    ['their end', '2027-01-13T08:00:00Z'],
    ['noon', '2027-01-13T12:00:00Z'],
  ])('allow at %s', (_, text) => {
    expect(asked(text, 'UTC').answer).toBe('allow');
  });

  it('are those of the plan’s zone where a person has none, or one that is none', () => {
    for (const zone of [undefined, 'Mars/Olympus', 7]) {
      const subject = zone === undefined ? {} : { timeZone: zone };
      const answer = decide(
        question,
        facts({
          at: Date.parse('2027-01-13T23:00:00Z'), // 7 in the morning in Taipei
          timeZone: 'Asia/Taipei',
          subject,
          policies: [quiet()],
        }),
      );

      expect(answer).toMatchObject({ answer: 'defer', because: { zone: 'Asia/Taipei' } });
      expect(until(answer)).toBe('2027-01-14T00:00:00.000Z');
    }
  });

  it('end when clocks jump over their end, and not an hour later', () => {
    const answer = asked('2027-03-28T01:30:00+01:00', 'Europe/Berlin', {
      from: '01:00',
      to: '02:30',
    });

    expect(until(answer)).toBe('2027-03-28T01:00:00.000Z');
  });

  it('hold in both of the hours that are shown twice', () => {
    const policy = { from: '02:15', to: '02:45' };
    const second = asked('2027-10-31T02:20:00+01:00', 'Europe/Berlin', policy);

    expect(until(second)).toBe('2027-10-31T01:45:00.000Z');
    expect(until(asked('2027-10-31T02:20:00+02:00', 'Europe/Berlin', policy))).toBe(
      '2027-10-31T00:45:00.000Z',
    );
  });

  it('end where clocks go back to before them', () => {
    const policy = { from: '02:30', to: '08:00' };
    const first = asked('2027-10-31T02:45:00+02:00', 'Europe/Berlin', policy);

    expect(until(first)).toBe('2027-10-31T01:00:00.000Z'); // 03:00 becomes 02:00
  });

  it('may begin on some days only, and last past midnight', () => {
    const weekend = { from: '20:00', to: '06:00', days: ['fr'] as const };
    const policy = { ...weekend, days: [...weekend.days] };

    expect(until(asked('2027-01-15T20:00:00Z', 'UTC', policy))).toBe('2027-01-16T06:00:00.000Z');
    expect(until(asked('2027-01-16T03:00:00Z', 'UTC', policy))).toBe('2027-01-16T06:00:00.000Z');
    expect(asked('2027-01-14T21:00:00Z', 'UTC', policy).answer).toBe('allow');
    expect(asked('2027-01-15T03:00:00Z', 'UTC', policy).answer).toBe('allow');
    const sunday = { from: '00:00', to: '00:00', days: ['su' as const] };
    expect(until(asked('2027-01-17T10:00:00Z', 'UTC', sunday))).toBe('2027-01-18T00:00:00.000Z');
  });

  it('that never end suppress, and do not wait for ever', () => {
    expect(codeOf(asked('2027-01-17T10:00:00Z', 'UTC', { from: '00:00', to: '00:00' }))).toBe(
      'never-allowed',
    );
    const policies = [
      quiet({ key: 'a', from: '00:00', to: '13:00' }),
      quiet({ key: 'b', from: '12:00', to: '01:00' }),
    ];
    expect(decide(question, facts({ policies }))).toMatchObject({
      answer: 'suppress',
      because: { code: 'never-allowed', was: 'quiet-hours' },
    });
  });

  it('of several policies all have to end', () => {
    const policies = [
      quiet({ key: 'lunch', from: '12:00', to: '13:00' }),
      quiet({ key: 'nap', from: '13:00', to: '15:00' }),
    ];
    const answer = decide(question, facts({ policies }));

    expect(until(answer)).toBe('2027-01-13T15:00:00.000Z');
    expect(answer).toMatchObject({
      because: { policy: 'lunch', also: [{ policy: 'nap', from: '2027-01-13T13:00:00.000Z' }] },
    });
  });

  it('let go one by one: each contact at an instant of its own, always the same (Y5)', () => {
    const policies = [quiet({ from: '12:00', to: '13:00', spread: 'PT10M' })];
    const of = (name: string) => decide({ ...question, name }, facts({ policies }));
    const names = Array.from({ length: 40 }, (_, index) => `r${index}/m#1`);
    const end = at + hour;
    const ends = names.map(of).map((answer) => (answer.answer === 'defer' ? answer.until : 0));

    expect(new Set(ends).size).toBeGreaterThan(20);
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(end);
    expect(Math.max(...ends)).toBeLessThan(end + 10 * minute);
    expect(names.map(of).map(until)).toEqual(ends.map(instantText));
  });

  it('are not spread into other quiet hours', () => {
    const policies = [
      quiet({ key: 'a', from: '12:00', to: '13:00', spread: 'PT10M' }),
      quiet({ key: 'b', from: '13:01', to: '23:00' }),
    ];
    const ends = Array.from({ length: 40 }, (_, index) =>
      decide({ ...question, name: `r${index}` }, facts({ policies })),
    );

    for (const answer of ends)
      expect(answer.answer === 'defer' && answer.until < at + hour + minute).toBe(true);
  });

  it('defer to an instant that is allowed, and to the first such minute', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'America/Sao_Paulo',
    ];
    const time = fc.integer({ min: 0, max: 95 }).map((quarter) => {
      const two = (value: number) => String(value).padStart(2, '0');
      return `${two(Math.floor(quarter / 4))}:${two((quarter % 4) * 15)}`;
    });
    const days = fc.option(
      fc.subarray(['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'] as const, {
        minLength: 1,
        maxLength: 3,
      }),
      { nil: undefined },
    );
    const policy = fc.record({ from: time, to: time, days }).map(({ from, to, days }) => ({
      ...quiet({ from, to }),
      ...(days === undefined ? {} : { days: [...days] }),
    }));
    const changes = [
      '2027-03-28T01:00:00Z',
      '2027-10-31T01:00:00Z',
      '2027-03-14T07:00:00Z',
      '2027-11-07T06:00:00Z',
      '2027-04-03T15:00:00Z',
      '2027-10-02T15:30:00Z',
    ];
    const instant = fc.oneof(
      fc
        .integer({ min: 0, max: 525_600 })
        .map((minutes) => Date.parse('2027-01-01T00:00:00Z') + minutes * minute),
      fc
        .tuple(fc.constantFrom(...changes), fc.integer({ min: -1_440, max: 1_440 }))
        .map(([change, minutes]) => Date.parse(change) + minutes * minute),
    );

    fc.assert(
      fc.property(
        fc.array(policy, { minLength: 1, maxLength: 2 }),
        instant,
        fc.constantFrom(...zones),
        (policies, now, timeZone) => {
          const asked = facts({ at: now, timeZone, policies });
          const answer = decide(question, asked);
          if (answer.answer !== 'defer') return;
          expect(decide(question, { ...asked, at: answer.until }).answer).toBe('allow');
          for (let earlier = now; earlier < answer.until; earlier += minute)
            if (decide(question, { ...asked, at: earlier }).answer === 'allow')
              throw new Error(
                `${instantText(earlier)} is allowed before ${instantText(answer.until)}`,
              );
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});

describe('a cap', () => {
  const asked = (policy: CapPolicy, contacts: Contact[], change: Partial<ContactFacts> = {}) =>
    decide(question, facts({ policies: [policy], contacts, ...change }));
  const ago = (ms: number, change: Partial<Contact> = {}) => contact({ at: at - ms, ...change });

  it('in a rolling window has room again when the oldest one too many has left it', () => {
    const policy = cap({ limit: 2, per: 'P7D' });
    const contacts = [ago(6 * day), ago(2 * day), ago(hour)];

    expect(asked(policy, [ago(6 * day)]).answer).toBe('allow');
    expect(asked(policy, [ago(7 * day), ago(hour)]).answer).toBe('allow');
    expect(until(asked(policy, contacts))).toBe(instantText(at - 2 * day + 7 * day));
  });

  it('in a calendar window has room again when the next one begins where the person is', () => {
    const zone = { subject: { timeZone: 'Asia/Taipei' } }; // 20:00 on Wednesday the 13th
    const earlier = [ago(hour)];

    expect(until(asked(cap({ calendar: 'day' }), earlier, zone))).toBe('2027-01-13T16:00:00.000Z');
    expect(until(asked(cap({ calendar: 'week' }), earlier, zone))).toBe('2027-01-17T16:00:00.000Z');
    expect(until(asked(cap({ calendar: 'month' }), earlier, zone))).toBe(
      '2027-01-31T16:00:00.000Z',
    );
    expect(asked(cap({ calendar: 'day' }), [ago(21 * hour)], zone).answer).toBe('allow'); // yesterday there
  });

  it('of a day in which midnight does not exist begins when the day does', () => {
    const now = Date.parse('2018-11-04T04:00:00Z'); // 02:00 in São Paulo, where 00:00 was skipped at 03:00Z
    const subject = { timeZone: 'America/Sao_Paulo' };
    const policy = cap({ calendar: 'day' });
    const before = contact({ at: Date.parse('2018-11-04T02:59:00Z') });
    const after = contact({ at: Date.parse('2018-11-04T03:00:00Z') });

    expect(asked(policy, [before], { at: now, subject }).answer).toBe('allow');
    expect(until(asked(policy, [after], { at: now, subject }))).toBe('2018-11-05T02:00:00.000Z');
  });

  it.each([
    ['all', [true, true, true, true]],
    ['channel', [true, false, true, true]],
    ['purpose', [true, true, false, true]],
    ['journey', [true, true, true, false]],
  ] as const)('over %s counts what is alike', (over, counted) => {
    const contacts = [
      contact(),
      contact({ channel: 'sms' }),
      contact({ purpose: 'support' }),
      contact({ journey: 'other' }),
    ];

    expect(contacts.map((one) => asked(cap({ over }), [one]).answer === 'defer')).toEqual(counted);
  });

  it('counts only what it is about', () => {
    const policy = cap({ purposes: ['marketing'], channels: ['email', 'sms'] });

    expect(asked(policy, [contact({ purpose: 'support' })]).answer).toBe('allow');
    expect(asked(policy, [contact({ channel: 'phone' })]).answer).toBe('allow');
    expect(asked(policy, [contact({ channel: 'sms' })]).answer).toBe('defer');
    const passing = [contact({ purpose: 'transactional' })];
    expect(asked(cap(), passing).answer).toBe('defer');
    expect(asked(cap({ passes: ['transactional'] }), passing).answer).toBe('allow');
  });

  it('suppresses where its policy says so, with the values that decided', () => {
    expect(asked(cap({ then: 'suppress' }), [contact()])).toEqual({
      answer: 'suppress',
      because: {
        ...{ code: 'cap-reached', rule: 'cap', policy: 'cap', limit: 1, count: 1 },
        ...{ over: 'all', per: 'P7D', zone: 'UTC' },
      },
    });
  });

  it('and quiet hours defer to an instant that both allow', () => {
    const policies = [quiet(), cap({ per: 'PT10H' })];
    const answer = decide(question, facts({ policies, contacts: [ago(0)] }));

    expect(until(answer)).toBe('2027-01-14T08:00:00.000Z'); // room at 22:00, which is quiet
    expect(answer).toMatchObject({ because: { rule: 'cap', also: [{ rule: 'quiet-hours' }] } });
  });

  it('of several the one that holds longest decides', () => {
    const policies = [cap({ key: 'a', per: 'P1D' }), cap({ key: 'b', per: 'P3D' })];

    expect(decide(question, facts({ policies, contacts: [ago(0)] }))).toMatchObject({
      until: at + 3 * day,
      because: { policy: 'b' },
    });
  });

  it('knows without the person whether anybody need count', () => {
    const policies = [cap({ purposes: ['marketing'], passes: ['transactional'] })];

    expect(mayBeCounted(policies, question)).toBe(true);
    expect(mayBeCounted(policies, { ...question, purpose: 'support' })).toBe(false);
    expect(mayBeCounted([cap({ passes: ['marketing'] })], question)).toBe(false);
    expect(mayBeCounted([cap({ enabled: false })], question)).toBe(false);
  });

  const anything = fc.record({
    limit: fc.integer({ min: 1, max: 3 }),
    over: fc.constantFrom('all', 'channel', 'purpose', 'journey'),
    window: fc.constantFrom(
      { per: 'P7D' },
      { per: 'PT1H' },
      { calendar: 'day' },
      { calendar: 'month' },
    ),
    then: fc.constantFrom('defer', 'suppress'),
  });
  const policyOf = ({ window, ...rest }: Record<string, unknown>) =>
    ({
      ...base,
      kind: 'cap',
      key: 'cap',
      ...rest,
      ...(window as object),
      passes: ['transactional'],
    }) as CapPolicy;
  const earlier = fc.array(
    fc.record({
      at: fc.integer({ min: at - 40 * day, max: at }),
      journey: fc.constantFrom('adherence', 'other'),
      channel: fc.constantFrom('email', 'sms'),
      purpose: fc.constantFrom('marketing', 'transactional', 'support'),
    }),
    { maxLength: 12 },
  );
  const transactional = { ...question, purpose: 'transactional' };

  it('lets a purpose pass that it names, whatever was sent before', () => {
    fc.assert(
      fc.property(anything, earlier, (policy, contacts) => {
        const answer = decide(transactional, facts({ policies: [policyOf(policy)], contacts }));

        expect(answer).toEqual({ answer: 'allow', counts: false });
      }),
    );
  });

  it('lets nobody pass who withdrew consent (Y2)', () => {
    fc.assert(
      fc.property(
        anything,
        earlier,
        fc.constantFrom('transactional', '*'),
        fc.boolean(),
        (policy, contacts, purpose, optOut) => {
          const policies = [policyOf(policy), ...(optOut ? [optIn({ basis: 'opt-out' })] : [])];
          const consents = [{ ...given, purpose, state: 'withdrawn' as const }];

          expect(codeOf(decide(transactional, facts({ policies, contacts, consents })))).toBe(
            'consent-withdrawn',
          );
        },
      ),
    );
  });

  it('defers to an instant at which it has room, and not a minute sooner', () => {
    fc.assert(
      fc.property(anything, earlier, (policy, contacts) => {
        const asked = facts({ policies: [{ ...policyOf(policy), then: 'defer' }], contacts });
        const answer = decide(question, asked);
        if (answer.answer !== 'defer') return;

        expect(decide(question, { ...asked, at: answer.until }).answer).toBe('allow');
        expect(decide(question, { ...asked, at: answer.until - 1 }).answer).toBe('defer');
      }),
    );
  });

  it('never lets more through in a rolling window than its limit', () => {
    fc.assert(
      fc.property(
        anything,
        fc.array(fc.integer({ min: 0, max: 4_000 }), { maxLength: 30 }),
        (policy, pauses) => {
          const span = 3_600_000;
          const rolling = {
            ...policyOf({ ...policy, window: {} }),
            per: 'PT1H',
            then: 'defer' as const,
          };
          const contacts: Contact[] = [];
          let now = at;
          for (const pause of pauses) {
            now += pause * 1_000;
            if (
              decide(question, facts({ at: now, policies: [rolling], contacts })).answer === 'allow'
            )
              contacts.push(contact({ at: now }));
          }

          for (const { at: end } of contacts)
            expect(
              contacts.filter((one) => one.at > end - span && one.at <= end).length,
            ).toBeLessThanOrEqual(rolling.limit);
        },
      ),
    );
  });
});

describe('a connection', () => {
  const window = { from: '09:00', to: '17:00', days: ['mo', 'tu', 'we', 'th', 'fr'] };

  it('is used in its own hours, by its own clock', () => {
    const asked = (text: string) =>
      decide(
        question,
        facts({
          at: Date.parse(text),
          subject: { timeZone: 'Asia/Taipei' },
          connection: { id: 'nurses', window, timeZone: 'Europe/Berlin' },
        }),
      );

    expect(asked('2027-01-13T10:00:00Z').answer).toBe('allow');
    expect(until(asked('2027-01-13T06:00:00Z'))).toBe('2027-01-13T08:00:00.000Z');
    expect(until(asked('2027-01-15T16:00:00Z'))).toBe('2027-01-18T08:00:00.000Z');
  });
});

describe('what is too late', () => {
  it('is suppressed, and at its very instant is not too late', () => {
    expect(codeOf(decide({ ...question, expiresAt: at - 1 }, facts()))).toBe('too-late');
    expect(decide({ ...question, expiresAt: at }, facts()).answer).toBe('allow');
  });

  it('is suppressed at once when a deferral would end after it, and says so (Y4)', () => {
    const policies = [quiet({ from: '12:00', to: '15:00' })];
    const asked = (expiresAt: number) => decide({ ...question, expiresAt }, facts({ policies }));

    expect(asked(at + 3 * hour).answer).toBe('defer');
    expect(asked(at + 3 * hour - 1)).toMatchObject({
      answer: 'suppress',
      because: {
        ...{ code: 'too-late', rule: 'expires', deferredUntil: '2027-01-13T15:00:00.000Z' },
        deferredBy: { code: 'quiet-hours', policy: 'night' },
      },
    });
  });
});
