import type { SandboxItem, Subject } from '../../api/shapes.ts';
import { mailboxOf, nameIn, phoneOf, sameAddress, type MailItem, type TextItem } from './items.ts';

/** Somebody of the outside world, by all addresses that are known to be theirs. */
export interface Person {
  /** The address that a link names them by. */
  to: string;
  label: string;
  /** `patient/ada`, when we know who it is. */
  subject?: string;
  /** As `sameAddress` writes them. */
  addresses: ReadonlySet<string>;
}

/** What arrived, by the place where it did. */
export interface Arrivals {
  texts: readonly TextItem[];
  mails: readonly MailItem[];
  /** Orders and cases: they name their person. */
  others: readonly (SandboxItem & { subject: string })[];
}

/** Everybody whom something came to, once each, the latest first within each place. */
export function peopleIn(
  { texts, mails, others }: Arrivals,
  subjects: readonly Subject[],
): Person[] {
  const known = subjectsByAddress(subjects);
  const people = new Map<string, { person: Person; addresses: Set<string> }>();
  const add = (to: string, named?: string): void => {
    const subject = named === undefined ? known.get(sameAddress(to)) : known.get(named);
    const name = subject ? nameOf(subject) : named;
    const key = name ?? sameAddress(to);
    const one = people.get(key);
    if (one) {
      one.addresses.add(sameAddress(to));
      return;
    }
    const addresses = new Set([
      sameAddress(to),
      ...(name === undefined ? [] : [name]),
      ...addressesOf(subject),
    ]);
    const label = subject ? labelOf(subject, to) : to;
    const person = { to, label, addresses, ...(name === undefined ? {} : { subject: name }) };
    people.set(key, { person, addresses });
  };
  for (const text of texts) add(phoneOf(text));
  for (const mail of mails) add(mailboxOf(mail));
  for (const { to, subject } of others) add(to, subject);
  return [...people.values()].map(({ person }) => person);
}

/** The person whom a link means; somebody with that one address when nobody is known. */
export function personWith(to: string, people: readonly Person[]): Person | undefined {
  if (to === '') return undefined;
  const wanted = sameAddress(to);
  const found = people.find(({ addresses }) => addresses.has(wanted));
  return found ?? { to, label: nameIn(to), addresses: new Set([wanted]) };
}

/** Whether an address is the person's. */
export function isOf(person: Person, address: string): boolean {
  return person.addresses.has(sameAddress(address));
}

function subjectsByAddress(subjects: readonly Subject[]): Map<string, Subject> {
  const byAddress = new Map<string, Subject>();
  for (const subject of subjects) {
    byAddress.set(nameOf(subject), subject);
    for (const address of addressesOf(subject)) byAddress.set(address, subject);
  }
  return byAddress;
}

const nameOf = ({ type, key }: Subject): string => `${type}/${key}`;

function addressesOf(subject: Subject | undefined): string[] {
  const { email, phone } = subject?.attributes ?? {};
  return [email, phone].flatMap((one) => (typeof one === 'string' ? [sameAddress(one)] : []));
}

/** As people are called, with what tells them apart. */
function labelOf({ key, attributes }: Subject, to: string): string {
  const { givenName, familyName, name } = attributes as Record<string, unknown>;
  const isHan = typeof familyName === 'string' && /\p{Script=Han}/u.test(familyName);
  const parts = isHan ? [familyName, givenName] : [givenName, familyName];
  const given = parts.filter((part) => typeof part === 'string' && part !== '');
  const called = given.join(isHan ? '' : ' ') || (typeof name === 'string' ? name : '');
  return called === '' ? `${key} · ${to}` : `${called} · ${key}`;
}
