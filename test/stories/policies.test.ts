import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  decide,
  policyFaults,
  policyOrder,
  type ContactFacts,
  type ContactQuestion,
  type PolicyInForce,
} from '@sojourn/engine';
import { faultsOf, policyValidator, type PolicyDocument } from '@sojourn/schemas';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/policies.md'), 'utf8');
const directory = join(root, 'schemas/policies');
const shipped = readdirSync(directory).map(
  (name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as PolicyDocument,
);

/** The rows of the table after `<!-- table: name -->`, without its head. */
function table(name: string): string[][] {
  const [, text = ''] = page.split(`<!-- table: ${name} -->\n\n`);
  return (text.split('\n\n')[0] ?? '')
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const at = Date.parse('2027-01-13T12:00:00Z');
const base = { name: 'n', enabled: true };
const always: PolicyInForce[] = [
  { ...base, kind: 'status', key: 'never', values: ['barred'], then: 'suppress' },
  { ...base, kind: 'status', key: 'hold', values: ['on hold'], then: 'defer' },
  { ...base, kind: 'consent', key: 'opt-in', basis: 'opt-in' },
  { ...base, kind: 'cap', key: 'cap', limit: 1, per: 'P7D', over: 'all' },
];
const night: PolicyInForce = {
  ...{ ...base, kind: 'quiet-hours', key: 'night', from: '11:00', to: '13:00' },
};
const contact = { at: at - 1, journey: 'j', channel: 'email', purpose: 'marketing' };
const closed = { id: 'c', window: { from: '14:00', to: '18:00' } };

interface Asked {
  question: Partial<ContactQuestion>;
  facts: Partial<ContactFacts>;
}

/** What a word in the column of a rule stands for. */
const columns: Record<string, Asked>[] = [
  { late: { question: { expiresAt: at - 1 }, facts: {} } },
  { frozen: { question: {}, facts: { journey: { state: 'paused', waits: 'freeze' } } } },
  {
    erased: { question: {}, facts: { subject: undefined } },
    barred: { question: {}, facts: { subject: { status: 'barred' } } },
    'on hold': { question: {}, facts: { subject: { status: 'on hold' } } },
  },
  {
    withdrawn: { question: {}, facts: { consents: [consent('withdrawn')] } },
    missing: { question: {}, facts: { consents: [] } },
  },
  { 'not approved': { question: {}, facts: { content: { approved: false, because: {} } } } },
  { night: { question: {}, facts: { policies: [...always, night] } } },
  { full: { question: {}, facts: { contacts: [contact] } } },
  { closed: { question: {}, facts: { connection: closed } } },
];

function consent(state: 'given' | 'withdrawn') {
  return { purpose: 'marketing', channel: 'email', state, at: 0, source: 's' };
}

const silent: ContactFacts = {
  ...{ at, timeZone: 'UTC', subject: {}, consents: [consent('given')], policies: always },
  ...{ contacts: [], connection: undefined, journey: { state: 'live', waits: 'run' } },
};

/** Everything that a row can mean: where it no longer asks, a rule may object in any way or not. */
function meanings(cells: string[]): Asked[] {
  return cells.reduce<Asked[]>(
    (before, cell, place) => {
      const column = columns[place] ?? {};
      const choices =
        cell === 'ok'
          ? [undefined]
          : cell === '·'
            ? [undefined, ...Object.values(column)]
            : [column[cell]];
      if (cell !== 'ok' && cell !== '·' && column[cell] === undefined)
        throw new Error(`the table says '${cell}' in column ${place + 1}`);
      return before.flatMap(({ question, facts }) =>
        choices.map((choice) => ({
          question: { ...question, ...choice?.question },
          facts: { ...facts, ...choice?.facts },
        })),
      );
    },
    [{ question: {}, facts: {} }],
  );
}

describe('the page about policies', () => {
  const rows = table('order');

  it('has a row for every way of objecting, and one for none', () => {
    const words = columns.flatMap((column) => Object.keys(column));

    expect(columns).toHaveLength(policyOrder.length);
    expect(rows).toHaveLength(words.length + 1);
    for (const word of words) expect(rows.flat()).toContain(word);
  });

  it.each(rows.map((row) => [row.slice(0, 8).join(' '), row] as const))(
    'is right about: %s',
    (_, row) => {
      const cells = row.slice(0, 8);
      for (const { question, facts } of meanings(cells)) {
        const answer = decide(
          { name: 'r/m#1', journey: 'j', channel: 'email', purpose: 'marketing', ...question },
          { ...silent, ...facts },
        );

        expect(answer.answer).toBe(row[8]);
        const code = answer.answer === 'allow' ? '' : answer.because['code'];
        expect(code).toBe(row[9]?.replaceAll('`', ''));
      }
    },
  );

  it('asks in the order that it says', () => {
    const order = [...page.split('## The order')[1]!.matchAll(/^\| `([a-z-]+)` /gm)];

    expect(order.map(([, rule]) => rule).slice(0, 8)).toEqual([...policyOrder]);
  });

  it('lists what we ship, each with what it does and why', () => {
    expect(table('shipped').map(([key, does]) => [key, does])).toEqual(
      shipped.map(({ key, name }) => [`\`${key}\``, name]),
    );
    for (const [, , why] of table('shipped')) expect(why).not.toBe('');
  });

  it('shows policies that can be put as they are', () => {
    const samples = [...page.matchAll(/<!-- sample: (\S+) -->\s*```json\n([^]*?)```/g)];

    expect(samples.map(([, kind]) => kind).sort()).toEqual([
      ...['cap', 'consent', 'quiet-hours', 'status'],
    ]);
    for (const [, kind, text = ''] of samples) {
      const policy = JSON.parse(text) as PolicyDocument;
      expect(faultsOf(policyValidator, policy)).toEqual([]);
      expect(policyFaults(policy)).toEqual([]);
      expect(policy.kind).toBe(kind);
    }
  });
});

describe('what we ship', () => {
  const ask = (purpose: string, change: Partial<ContactFacts> = {}) =>
    decide(
      { name: 'r/m#1', journey: 'j', channel: 'email', purpose },
      { ...silent, policies: shipped, ...change },
    );
  const midnight = Date.parse('2027-01-13T00:00:00Z');
  const many = Array.from({ length: 50 }, () => contact);

  it.each(['support', 'service', 'transactional'])(
    'lets %s out at any hour, however many there were, until it is refused',
    (purpose) => {
      const contacts = many.map((one) => ({ ...one, purpose }));
      const facts = { at: midnight, contacts, consents: [] };

      expect(ask(purpose, facts)).toEqual({ answer: 'allow', counts: false });
      const refused = [{ ...consent('withdrawn'), purpose: '*' }];
      expect(ask(purpose, { ...facts, consents: refused }).answer).toBe('suppress');
    },
  );

  it('lets marketing out with consent, by day, once', () => {
    expect(ask('marketing')).toEqual({ answer: 'allow', counts: true });
    expect(ask('marketing', { consents: [] })).toMatchObject({
      because: { code: 'consent-missing' },
    });
    expect(ask('marketing', { at: midnight })).toMatchObject({
      ...{ answer: 'defer', because: { code: 'quiet-hours' } },
    });
    expect(ask('marketing', { contacts: [contact] })).toMatchObject({
      ...{ answer: 'defer', because: { code: 'cap-reached', policy: 'cap-marketing-day' } },
    });
  });
});
