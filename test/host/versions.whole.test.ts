import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JourneyDocument } from '@sojourn/schemas';
import { bundlePath, type RunningWorker } from '@sojourn/temporal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.ts';
import { startServers, type Servers } from '../support/servers.ts';
import { eventually } from '../support/stack.ts';

/** As Temporal numbers them. */
const status = { current: 2, draining: 4, drained: 5 };
const deployment = 'sojourn';
const newerBundle = join(tmpdir(), `sojourn-newer-bundle-${process.pid}.js`);

let servers: Servers;
let rig: Rig;

beforeAll(async () => {
  servers = await startServers();
  rig = await createRig(servers, { worker: false, pace: { longWaitMs: 20_000, lingerMs: 500 } });
  // Another build of the same code: what matters here is who walks a run, not how.
  // The word stands in front: at the end stands a source map, which it would become a part of.
  await writeFile(newerBundle, `// newer\n${await readFile(bundlePath, 'utf8')}`);
});
afterAll(async () => {
  await rig.stop();
  await servers.stop();
  await rm(newerBundle);
});

/** As an operator does: `temporal worker deployment set-current-version`. */
async function makeCurrent({ buildId }: RunningWorker): Promise<void> {
  await eventually(
    () =>
      rig.client.workflowService.setWorkerDeploymentCurrentVersion({
        ...{ namespace: 'default', deploymentName: deployment, buildId, identity: 'test' },
      }),
    () => true,
  );
}

/** Which builds did the workflow tasks of each of a run's workflows, the latest last. */
async function buildsOf(workflowId: string): Promise<string[][]> {
  const chain: string[][] = [];
  for (let runId: string | undefined; ;) {
    const { events } = await rig.client.workflow.getHandle(workflowId, runId).fetchHistory();
    const builds = (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: task }) =>
      task ? [task.deploymentVersion?.buildId ?? 'none'] : [],
    );
    chain.unshift([...new Set(builds)]);
    runId = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '';
    if (runId === '') return chain;
  }
}

async function historyOf(runId: string): Promise<number> {
  return (await rig.client.workflow.getHandle(runId).describe()).historyLength;
}

const waits = (key: string, after: string): JourneyDocument => ({
  ...{ format: 1, key, name: key, subject: 'patient', entry: [{ on: 'manual' }], start: 'w' },
  steps: {
    w: {
      kind: 'wait',
      for: [
        { port: 'heard', event: 'x' },
        { port: 'over', after },
      ],
    },
    v: { kind: 'wait', for: [{ port: 'over', after: 'PT3S' }] },
    done: { kind: 'end', outcome: 'completed' },
  },
  edges: [
    { from: 'w', port: 'heard', to: 'v' },
    { from: 'w', port: 'over', to: 'v' },
    { from: 'v', port: 'over', to: 'done' },
  ],
});

describe('two builds of the workflow', () => {
  it('share the runs: who sleeps wakes on the newer one, who is awake stays until it stands still', async () => {
    const asleepPlan = await rig.publish(waits('asleep', 'P30D'));
    const awakePlan = await rig.publish(waits('awake', 'PT15S'));
    const sleeps = (run: string) =>
      eventually(
        () => historyOf(run),
        (length) => length === 1,
      );
    const unversioned = await rig.beginWorker();
    const before = await rig.start(asleepPlan, { key: 'before' });
    await sleeps(before);
    await unversioned.stop();
    const old = await rig.beginWorker({ deployment });
    await makeCurrent(old);
    const asleep = await rig.start(asleepPlan, { key: 'asleep' });
    await sleeps(asleep);
    const awake = await rig.start(awakePlan, { key: 'awake' });
    await rig.until(awake, ({ positions }) => positions[0]?.step === 'w');

    const newer = await rig.beginWorker({ deployment, bundle: newerBundle });
    await makeCurrent(newer);
    const told = await rig.start(awakePlan, { key: 'told' });
    for (const run of [before, asleep, told]) await rig.send(run, 'x');
    for (const run of [before, asleep, told, awake])
      await rig.until(run, ({ status }) => status === 'ended');

    const [one, other] = [[old.buildId], [newer.buildId]];
    expect(one).not.toEqual(other);
    expect(await buildsOf(before)).toEqual([['none'], other]);
    expect(await buildsOf(asleep)).toEqual([one, other]);
    expect(await buildsOf(told)).toEqual([other]);
    // It was told of the newer build when its wait was over, and began the next one there.
    expect(await buildsOf(awake)).toEqual([one, other]);
    const { workerDeploymentInfo } = await rig.client.workflowService.describeWorkerDeployment({
      ...{ namespace: 'default', deploymentName: deployment },
    });
    const statusOf = ({ buildId }: RunningWorker) =>
      workerDeploymentInfo?.versionSummaries?.find(
        ({ deploymentVersion }) => deploymentVersion?.buildId === buildId,
      )?.status;
    expect(statusOf(newer)).toBe(status.current);
    // Its worker is needed until Temporal says that it is drained.
    expect([status.draining, status.drained]).toContain(statusOf(old));
  });
});
