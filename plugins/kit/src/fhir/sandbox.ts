import { randomBytes, randomUUID } from 'node:crypto';
import { checkValue } from '@sojourn/schemas';
import type {
  JsonObject,
  ProviderMood,
  RunningSandbox,
  SandboxDefinition,
  SandboxItem,
  SandboxMove,
} from '../contract.ts';
import { createCallbackQueue, type OutgoingCallback } from '../callback-queue.ts';
import { openJournal } from '../journal.ts';
import { effectSystem, type FhirBundle, type FhirResource } from './resource.ts';
import { FhirFault, serveFhir, type FhirRequest, type FhirAnswer } from './server.ts';

// A provider that speaks FHIR R4 over HTTP, whatever it provides: the definition says what becomes of a request and what one can do
// with it, as pure functions over records; here they are kept, served and reported.
//
//   S1. A change and the callbacks that tell of it are on disk, in one line, before anything is answered.
//   S2. One key, one record: what is created again is answered with what is there.
//   S3. A callback that is on disk is sent, over any restart, until it is answered.

/** What a provider keeps of one request. */
export interface FhirRecord {
  id: string;
  /** Of the effect that it was created for: an `Idempotency-Key`, which is its identifier too. */
  key: string;
  /** RFC 3339 */
  at: string;
  state: string;
  /** Where to call back about it; absent: at the provider's one address. */
  url?: string;
}

/** What a move comes to: records, new or changed, and what is reported, a bundle for each. */
export interface FhirChange<Row> {
  records: Row[];
  reports: { of: Row; resources: FhirResource[] }[];
}

/** What else a definition may look at. */
export interface FhirShelf<Row> {
  newId(): string;
  now(): string;
  get(id: string): Row | undefined;
  /** The records of an index, the oldest first. */
  under(index: string): Row[];
}

/** A provider: pure functions over its records. What cannot be done throws: `FhirFault` to a request, `Error` to a person. */
export interface FhirProvider<Row extends FhirRecord> {
  name: string;
  /** Where it calls back: at one address that it is given once, or at the `X-Callback-Url` of each request. */
  callsBack: 'at-one-address' | 'where-told';
  /** The types of requests that it takes, each with what becomes of one. */
  takes: Record<string, (request: FhirResource, base: FhirRecord, shelf: FhirShelf<Row>) => Row>;
  /** The resources of a record: the request first. Their ids begin with the record's. */
  resourcesOf(record: Row): FhirResource[];
  cancel(record: Row): Row;
  movesOf(record: Row): SandboxMove[];
  play(record: Row, action: { type: string } & JsonObject, shelf: FhirShelf<Row>): FhirChange<Row>;
  itemOf(record: Row): JsonObject & { to: string };
  /** Under which text others like it are found. */
  indexOf?: (record: Row) => string | undefined;
  /** What it publishes, by type: found by the `name` that it contains, a few at a time. */
  publishes?: Record<string, (FhirResource & { id: string; name: string })[]>;
}

type Entry<Row> =
  | { type: 'opened'; token: string; signingSecret: string }
  | { type: 'changed'; records: Row[]; callbacks: OutgoingCallback[] }
  | { type: 'answered'; id: string };

/** A sandbox of a provider. */
export function createFhirSandbox<Row extends FhirRecord>(
  provider: FhirProvider<Row>,
): SandboxDefinition {
  return {
    async start({ directory, port = 0 }): Promise<RunningSandbox> {
      const shelf = openShelf(provider);
      const hasOneAddress = provider.callsBack === 'at-one-address';
      let secrets: { token: string; signingSecret: string } | undefined;
      const unsent = new Map<string, OutgoingCallback>();
      const hear = (entry: Entry<Row>): void => {
        if (entry.type === 'opened') secrets = entry;
        if (entry.type === 'answered') unsent.delete(entry.id);
        if (entry.type !== 'changed') return;
        entry.records.forEach(shelf.put);
        for (const callback of entry.callbacks) unsent.set(callback.id, callback);
      };
      const journal = openJournal<Entry<Row>>(directory, `${provider.name}.jsonl`, hear);
      if (!secrets) {
        const made = { token: secretText('tok'), signingSecret: secretText('whsec') };
        journal.append({ type: 'opened', ...made });
        secrets = made;
      }
      const { token, signingSecret } = secrets;
      const queue = createCallbackQueue({
        secret: signingSecret,
        onAnswered: (id) => journal.append({ type: 'answered', id }),
      });
      unsent.forEach((callback) => queue.push(callback)); // S3
      unsent.clear();

      const watchers = new Set<(item: SandboxItem) => void>();
      const change = ({ records, reports }: FhirChange<Row>): void => {
        const callbacks = reports
          .filter(({ of }) => hasOneAddress || of.url !== undefined)
          .map(({ of, resources }) => callbackOf(of, resources));
        journal.append({ type: 'changed', records, callbacks }); // S1
        records.forEach(shelf.put);
        for (const callback of callbacks) queue.push(callback);
        for (const record of records)
          for (const watcher of watchers) watcher(itemOf(provider, record));
      };
      let mood: ProviderMood = 'well';
      const server = await serveFhir({
        ...{ port, token, mood: () => mood },
        answer: (request) => answer(provider, shelf, change, request),
      });

      return {
        connection: { type: 'fhir', settings: { baseUrl: server.baseUrl, token, signingSecret } },
        items: ({ to, limit }) =>
          Promise.resolve(
            shelf
              .newestFirst(to === undefined ? limit : Infinity)
              .map((record) => itemOf(provider, record))
              .filter((item) => to === undefined || item.to.includes(to))
              .slice(0, limit),
          ),
        item: (id) => {
          const record = shelf.get(id);
          return Promise.resolve(record && itemOf(provider, record));
        },
        act: (id, action) => {
          const record = shelf.get(id);
          if (!record)
            return Promise.reject(new Error(`there is nothing here with the id '${id}'`));
          const moves = provider.movesOf(record);
          const move = moves.find(({ type }) => type === action.type);
          if (!move) return Promise.reject(new Error(notNow(record, action.type, moves)));
          const { type: _type, ...input } = action;
          const [fault] = checkValue(move.input ?? { maxProperties: 0 }, input);
          if (fault)
            return Promise.reject(new Error(`'${move.type}': ${fault.pointer} ${fault.detail}`));
          return new Promise((resolve) => {
            change(provider.play(record, action, shelf));
            resolve([]); // what it reports comes over HTTP
          });
        },
        behave: (next) => {
          mood = next;
        },
        report: (habit) => queue.report(habit),
        ...(hasOneAddress ? { callBack: (url: string) => queue.goTo(url) } : {}),
        watch: (onArrival) => {
          watchers.add(onArrival);
          return () => watchers.delete(onArrival);
        },
        async close() {
          await server.close();
          await queue.close();
          journal.close();
        },
      };
    },
  };
}

/** What FHIR's interactions come to. */
function answer<Row extends FhirRecord>(
  provider: FhirProvider<Row>,
  shelf: Shelf<Row>,
  change: (change: FhirChange<Row>) => void,
  { method, type, id, query, body, headers }: FhirRequest,
): FhirAnswer {
  const requestOf = (record: Row): FhirResource => provider.resourcesOf(record)[0] as FhirResource;
  const take = provider.takes[type];
  if (method === 'POST' && take && id === undefined) {
    if (typeof body !== 'object' || body === null) throw new FhirFault(400, 'structure');
    const request = body as FhirResource & { identifier?: { system?: string; value?: string }[] };
    const key = request.identifier?.find(({ system }) => system === effectSystem)?.value;
    if (request.resourceType !== type || key === undefined)
      throw new FhirFault(422, 'required', 'identifier-missing');
    const standing = shelf.byKey(headers['idempotency-key'] ?? key) ?? shelf.byKey(key);
    if (standing) return { status: 200, resource: requestOf(standing) }; // S2
    const url = provider.callsBack === 'where-told' ? headers['x-callback-url'] : undefined;
    const base = {
      ...{ id: shelf.newId(), key, at: shelf.now(), state: 'received' },
      ...(url === undefined ? {} : { url }),
    };
    const record = take(request, base, shelf);
    change({ records: [record], reports: [] });
    return { status: 201, resource: requestOf(record) };
  }
  const published = provider.publishes?.[type];
  if (method === 'GET' && published && id === undefined)
    return { status: 200, resource: pageOf(type, published, query) };
  if (method === 'GET' && id === undefined) {
    const [, key] = /\|(.*)$/.exec(query['identifier'] ?? '') ?? [];
    const [, about] = /\/(.*)$/.exec(query['request'] ?? '') ?? [];
    const record =
      key === undefined ? (about === undefined ? undefined : shelf.get(about)) : shelf.byKey(key);
    const resources = record ? provider.resourcesOf(record) : [];
    return {
      status: 200,
      resource: bundleOf(
        'searchset',
        resources.filter(({ resourceType }) => resourceType === type),
      ),
    };
  }
  const record = id === undefined ? undefined : shelf.get(id.split('-')[0] ?? '');
  const resource =
    record &&
    provider
      .resourcesOf(record)
      .find((candidate) => candidate.resourceType === type && candidate.id === id);
  if (!record || !resource) throw new FhirFault(404, 'not-found');
  if (method === 'GET') return { status: 200, resource };
  if (method !== 'PATCH' || !isCancellation(body) || resource.id !== record.id)
    throw new FhirFault(400, 'not-supported');
  const cancelled = record.state === 'cancelled' ? record : provider.cancel(record);
  if (cancelled !== record) change({ records: [cancelled], reports: [] });
  return { status: 200, resource: requestOf(cancelled) };
}

/** One page of what is published: a server may give fewer than it is asked for. */
function pageOf(
  type: string,
  published: (FhirResource & { name: string })[],
  query: Record<string, string>,
): FhirBundle {
  const wanted = (query['name:contains'] ?? '').toLowerCase();
  const found = published.filter(({ name }) => name.toLowerCase().includes(wanted));
  const from = Number(query['_offset'] ?? 0);
  const to = from + publishedPage;
  const next = new URLSearchParams({ ...query, _offset: String(to) }).toString();
  return {
    ...bundleOf('searchset', found.slice(from, to)),
    ...(to < found.length ? { link: [{ relation: 'next', url: `${type}?${next}` }] } : {}),
  };
}

const publishedPage = 5;

interface Shelf<Row> extends FhirShelf<Row> {
  put: (record: Row) => void;
  byKey(key: string): Row | undefined;
  newestFirst(limit: number): Row[];
}

/** Records in memory, as text: many of them are small. */
function openShelf<Row extends FhirRecord>({ indexOf }: FhirProvider<Row>): Shelf<Row> {
  const records = new Map<string, string>();
  const keys = new Map<string, string>();
  const indexes = new Map<string, Set<string>>();
  const get = (id: string | undefined): Row | undefined => {
    const text = id === undefined ? undefined : records.get(id);
    return text === undefined ? undefined : (JSON.parse(text) as Row);
  };
  return {
    newId: () => randomBytes(6).toString('hex'),
    now: () => new Date().toISOString(),
    get,
    byKey: (key) => get(keys.get(key)),
    under: (index) => [...(indexes.get(index) ?? [])].flatMap((id) => get(id) ?? []),
    newestFirst(limit) {
      const ids = [...records.keys()].reverse().slice(0, limit);
      return ids.flatMap((id) => get(id) ?? []);
    },
    put: (record) => {
      records.set(record.id, JSON.stringify(record));
      keys.set(record.key, record.id);
      const index = indexOf?.(record);
      if (index === undefined) return;
      const ids = indexes.get(index) ?? new Set();
      indexes.set(index, ids.add(record.id));
    },
  };
}

function itemOf<Row extends FhirRecord>(provider: FhirProvider<Row>, record: Row): SandboxItem {
  const { id, key, at, state } = record;
  return { id, key, at, state, ...provider.itemOf(record), moves: provider.movesOf(record) };
}

function callbackOf(of: FhirRecord, resources: FhirResource[]): OutgoingCallback {
  const id = randomUUID();
  const bundle: FhirBundle = {
    ...bundleOf('collection', resources),
    identifier: { value: id },
    timestamp: new Date().toISOString(),
  };
  return { id, ...(of.url === undefined ? {} : { url: of.url }), body: JSON.stringify(bundle) };
}

function bundleOf(type: string, resources: FhirResource[]): FhirBundle {
  return { resourceType: 'Bundle', type, entry: resources.map((resource) => ({ resource })) };
}

function isCancellation(body: unknown): boolean {
  const wanted = [{ op: 'replace', path: '/status', value: 'cancelled' }];
  return JSON.stringify(body) === JSON.stringify(wanted);
}

function notNow({ id, state }: FhirRecord, type: string, moves: SandboxMove[]): string {
  const rest = moves.length === 0 ? 'nothing more' : moves.map((move) => move.type).join(', ');
  return `'${type}' cannot be done with '${id}', which is ${state}: ${rest} can be`;
}

const secretText = (prefix: string): string => `${prefix}-${randomBytes(24).toString('base64url')}`;
