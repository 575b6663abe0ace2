import { compile, type Json, type JsonObject } from '@sojourn/engine';
import { createRegistry, definePlugin, done, type ActionDefinition } from '@sojourn/plugin-kit';
import type { JourneyDocument } from '@sojourn/schemas';
import { createMemoryStore, type Store } from '@sojourn/store';
import { beforeEach, describe, expect, it } from 'vitest';
import { createUpgrades, type Upgrades } from './upgrades.ts';

const action = (change: Partial<ActionDefinition>): ActionDefinition => ({
  ...{ title: 'Send', schemaVersion: 1, output: {}, outcomes: ['sent'], settles: 'now' },
  config: {
    type: 'object',
    additionalProperties: false,
    required: ['text'],
    properties: { text: { type: 'string' } },
  },
  perform: () => Promise.resolve(done('sent')),
  ...change,
});
const pluginWith = (change: Partial<ActionDefinition> = {}) =>
  definePlugin({
    ...{ id: 'post', version: '1.0.0', apiVersion: 1, name: 'Post' },
    actions: { send: action(change) },
  });
/** Two versions on: texts became bodies, and bodies lists. */
const newer = pluginWith({
  schemaVersion: 3,
  config: {
    type: 'object',
    additionalProperties: false,
    required: ['bodies'],
    properties: { bodies: { type: 'array', items: { type: 'string' } } },
  },
  migrations: {
    2: ({ text = '' }) => ({ body: text }),
    3: ({ body = '' }) => ({ bodies: [body] }),
  },
  earlier: { 1: action({}) },
});
const document = (config: JsonObject): JourneyDocument => ({
  ...{ format: 1, key: 'j', name: 'J', subject: 'patient', entry: [{ on: 'manual' }], start: 's' },
  steps: {
    s: { kind: 'action', uses: 'post/send', with: config },
    e: { kind: 'end', outcome: 'done' },
  },
  edges: [{ from: 's', port: 'sent', to: 'e' }],
});

let store: Store;
const registry = createRegistry([pluginWith()]);
let upgrades: Upgrades;

/** Publishes a document for the plugin's first version, and saves a draft. */
beforeEach(async () => {
  store = createMemoryStore();
  registry.put(pluginWith());
  upgrades = createUpgrades({
    ...{ store, registry },
    diagnose: (given) =>
      Promise.resolve(
        compile(given, { manifests: registry.manifests(), timeZone: 'UTC', now: 0 }).diagnostics,
      ),
  });
  const first = document({ text: 'hello' });
  const times = { createdAt: 0, updatedAt: 0 };
  await store.journeys.create(
    { key: 'j', name: 'J', subjectType: 'patient', state: 'live', waits: 'run', ...times },
    first as unknown as Json,
    'ada',
  );
  const { plan } = compile(first, { manifests: registry.manifests(), timeZone: 'UTC', now: 0 });
  if (!plan) throw new Error('the document does not compile');
  await store.journeys.addVersion({
    ...{ journey: 'j', number: 1, document: first, plan, contentHash: 'h' },
    ...{ publishedBy: 'ada', publishedAt: 0 },
  });
  await store.journeys.update('j', { latestVersion: 1, updatedAt: 0 });
});
const drafted = async (config: JsonObject): Promise<void> => {
  const draft = await store.journeys.draft('j');
  await store.journeys.saveDraft(
    'j',
    draft?.revision ?? 0,
    document(config) as unknown as Json,
    'ada',
    1,
  );
};

describe('steps whose plugin asks for another form by now', () => {
  const offer = { step: 's', uses: 'post/send', from: 1, to: 3 };

  it('are none while the plugin asks for the same', async () => {
    expect(await upgrades.offers('j')).toEqual([]);
  });

  it('are offered as they were published, and when they do not fit (U2)', async () => {
    registry.put(newer);
    expect(await upgrades.offers('j')).toEqual([offer]);

    await drafted({ text: 'changed meanwhile' });
    expect(await upgrades.offers('j')).toEqual([offer]);
  });

  it('are none once they were brought up to date, and nothing was changed here (U1)', async () => {
    registry.put(newer);
    const before = await store.journeys.draft('j');
    const { config, schemaVersion } = await upgrades.upgrade({
      ...{ plugin: 'post', action: 'send', from: 1, config: { text: 'hello' } },
    });
    expect([config, schemaVersion]).toEqual([{ bodies: ['hello'] }, 3]);
    expect(await store.journeys.draft('j')).toEqual(before);

    await drafted(config);
    expect(await upgrades.offers('j')).toEqual([]);
  });
});

describe('a config that cannot be brought up to date', () => {
  const upgrade = (change: object = {}) =>
    upgrades.upgrade({
      ...{ plugin: 'post', action: 'send', from: 1, config: { text: 'hello' } },
      ...change,
    });

  it('says that its plugin has no way', async () => {
    registry.put(pluginWith({ schemaVersion: 2, earlier: { 1: action({}) } }));
    await expect(upgrade()).rejects.toMatchObject({ name: 'ConflictError', code: 'no-migration' });
  });

  it('says that the migration failed, and not with what', async () => {
    registry.put(
      pluginWith({
        schemaVersion: 2,
        migrations: { 2: () => Promise.reject(new Error('a secret')) },
        earlier: { 1: action({}) },
      }),
    );
    const error: unknown = await upgrade().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'ChannelFailedError' });
    expect(String(error)).not.toContain('a secret');
  });

  it('is refused for a version that is none, and for a plugin that is not there', async () => {
    await expect(upgrade({ from: 1 })).rejects.toMatchObject({ name: 'InvalidInputError' });
    await expect(upgrade({ plugin: 'none' })).rejects.toMatchObject({ name: 'NotFoundError' });
  });
});
