import { readdir, readFile } from 'node:fs/promises';
import { isObject, policyFaults, sameJson, type Json } from '@sojourn/engine';
import { faultsOf, policyValidator, type PolicyDocument } from '@sojourn/schemas';
import type { PolicyRecord, Store } from '@sojourn/store';
import type { Clock } from '../ports.ts';
import { InvalidInputError, NotFoundError, PreconditionFailedError } from '../problems.ts';
import type { Audit, Caller } from './audit.ts';
import type { Basis } from './journeys.ts';

// The rules before every contact, as documents.
//
//   O1. A revision is saved only on top of the one that it was made from, and is kept: trails name it.
//   O2. What we ship is put into a deployment that has no policy of that key. What somebody changed or switched off stays so.

export interface PoliciesDependencies {
  store: Pick<Store, 'policies'>;
  audit: Audit;
  clock: Clock;
}

export interface Policies {
  list(): Promise<PolicyRecord[]>;
  get(key: string): Promise<PolicyRecord>;
  /** Saves a revision; 0 is the basis of a new policy. Answers what stands when nothing differs. */
  save(
    key: string,
    basis: Basis,
    given: unknown,
    caller: Caller,
  ): Promise<{ policy: PolicyRecord; isNew: boolean }>;
}

/** What a view has beside the document: given back, it is left out. */
const ofTheView = ['revision', 'updatedAt', 'updatedBy'];
const mostTries = 20;

/** The service that keeps policies. */
export function createPolicies({ store, audit, clock }: PoliciesDependencies): Policies {
  return {
    list: () => store.policies.list(),

    async get(key) {
      const policy = await store.policies.get(key);
      if (!policy) throw new NotFoundError('not-found', `there is no policy '${key}'`);
      return policy;
    },

    async save(key, basis, given, caller) {
      const document = policyIn(key, given);
      for (let attempt = 1; ; attempt += 1) {
        const before = await store.policies.get(key);
        const standing = before?.revision ?? 0;
        const revision = basis === 'any' ? standing : basis;
        if (revision === standing && before && sameJson(jsonOf(before.document), jsonOf(document)))
          return { policy: before, isNew: false };
        const { saved, policy } = await store.policies.put(document, revision, caller.id, clock());
        if (!saved && basis === 'any' && attempt < mostTries) continue; // somebody saved in between
        if (!saved || !policy) throw changedMeanwhile(key, revision, policy); // O1
        await audit.note(caller, {
          what: before ? 'policy-changed' : 'policy-created',
          target: `policy/${key}`,
          ...(before ? { before: noted(before) } : {}),
          after: noted(policy),
        });
        return { policy, isNew: !before };
      }
    },
  };
}

/** The document in a body; throws with every fault. */
function policyIn(key: string, given: unknown): PolicyDocument {
  const document = isObject(given)
    ? Object.fromEntries(Object.entries(given).filter(([name]) => !ofTheView.includes(name)))
    : given;
  const faults = faultsOf(policyValidator, document);
  if (faults.length === 0) {
    const policy = document as PolicyDocument;
    faults.push(...policyFaults(policy));
    if (policy.key !== key)
      faults.push({ pointer: '/key', detail: `must be '${key}', as in the address` });
  }
  const [first] = faults;
  if (!first) return document as PolicyDocument;
  const detail = `${first.pointer || 'the body'}: ${first.detail}`;
  throw new InvalidInputError('policy-invalid', detail, faults);
}

function changedMeanwhile(
  key: string,
  yours: number,
  standing: PolicyRecord | undefined,
): NotFoundError | PreconditionFailedError {
  if (!standing)
    return new NotFoundError(
      'not-found',
      `there is no policy '${key}': a new one is put with If-None-Match: *`,
    );
  return new PreconditionFailedError(
    'policy-changed',
    `the policy stands at revision ${standing.revision}, not at ${yours}: look at it, and save on top of it`,
    { yours, theirs: standing.revision, updatedBy: standing.updatedBy },
  );
}

function noted({ revision, document }: PolicyRecord): Json {
  return { revision, document: jsonOf(document) };
}

const jsonOf = (document: PolicyDocument): Json => document as unknown as Json;

/** The policies that we ship. */
export async function shippedPolicies(): Promise<PolicyDocument[]> {
  const directory = new URL('../../../../schemas/policies/', import.meta.url);
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, directory), 'utf8')));
  return texts.map((text) => JSON.parse(text) as PolicyDocument);
}

/** Puts what we ship where there is no such policy (O2). Before the first contact is made. */
export async function installPolicies(store: Store['policies'], clock: Clock): Promise<void> {
  for (const document of await shippedPolicies()) await store.put(document, 0, 'sojourn', clock());
}
