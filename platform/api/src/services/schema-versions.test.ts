import { definePlugin, done, type ActionDefinition } from '@sojourn/plugin-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aDeployment, enrol, publish, type Deployment } from '../test-support/deployment.ts';
import { droppedVersions, droppedWords } from './schema-versions.ts';

let deployment: Deployment;
beforeEach(async () => {
  deployment = await aDeployment();
  await publish(deployment);
});
afterEach(() => deployment.close());

const action = (schemaVersion: number, more: Partial<ActionDefinition> = {}): ActionDefinition => ({
  ...{ title: 'Send', schemaVersion, config: {}, output: {}, outcomes: ['sent'] },
  ...{ settles: 'now', perform: () => Promise.resolve(done('sent')), ...more },
});
const email = (send: ActionDefinition) =>
  definePlugin({
    ...{ id: 'email', version: '2.0.0', apiVersion: 1, name: 'E-mail' },
    actions: { send },
  });
const dropped = (send: ActionDefinition) => droppedVersions(deployment.store, [email(send)]);

describe('schema versions that open runs may reach', () => {
  it('are missed when a plugin drops them, with the number of runs', async () => {
    await enrol(deployment, 'p-1');
    await enrol(deployment, 'p-2');

    const found = await dropped(action(2));

    expect(found).toEqual([
      { plugin: 'email', action: 'send', schemaVersion: 1, journeys: ['adherence'], runs: 2 },
    ]);
    expect(found.map(droppedWords)[0]).toMatch(/version 1 of 'send', which 2 open runs/);
  });

  it('are not missed when they are kept, when nobody is inside, or of plugins that are not asked about', async () => {
    expect(await dropped(action(2))).toEqual([]);
    await enrol(deployment, 'p-1');
    expect(await dropped(action(1))).toEqual([]);
    expect(await dropped(action(2, { earlier: { 1: action(1) } }))).toEqual([]);
    expect(await droppedVersions(deployment.store, [])).toEqual([]);
  });
});
