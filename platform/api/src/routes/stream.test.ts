import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  aDeployment,
  enrol,
  publish,
  standInIncident,
  type Deployment,
} from '../test-support/deployment.ts';

let deployment: Deployment;
beforeEach(async () => {
  deployment = await aDeployment();
});
afterEach(async () => {
  await deployment.close();
});

/** Opens a stream; `next` answers the next event. */
async function listen(topics: string, headers: Record<string, string> = {}) {
  const controller = new AbortController();
  const response = await fetch(
    `${deployment.url}/api/v1/stream?topics=${encodeURIComponent(topics)}`,
    {
      headers: { authorization: `Bearer ${deployment.token}`, ...headers },
      signal: controller.signal,
    },
  );
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (): Promise<{ id: string; event: string; data: unknown } | undefined> => {
    for (;;) {
      const block = /^([^]*?)\n\n/.exec(text);
      if (block) {
        text = text.slice(block[0].length);
        const fields = new Map(
          (block[1] ?? '').split('\n').map((line) => line.split(/: (.*)/s) as [string, string]),
        );
        const data = fields.get('data');
        if (data !== undefined)
          return {
            id: fields.get('id') ?? '',
            event: fields.get('event') ?? '',
            data: JSON.parse(data),
          };
        continue;
      }
      const chunk = await reader?.read();
      if (!chunk || chunk.done) return undefined;
      text += chunk.value;
    }
  };
  return { response, next, stop: () => controller.abort() };
}

describe('the stream', () => {
  it('tells of the topics it was asked for', async () => {
    await publish(deployment);
    const run = await enrol(deployment);
    const stream = await listen(`run:${run},incidents`);

    await standInIncident(deployment, run, { code: 'smtp-550' });
    const first = await stream.next();
    const second = await stream.next();
    stream.stop();

    expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect([first, second]).toEqual([
      { id: '1', event: 'change', data: { topic: `run:${run}` } },
      { id: '2', event: 'change', data: { topic: 'incidents' } },
    ]);
  });

  it('tells of an incident that is resolved', async () => {
    await publish(deployment);
    const run = await enrol(deployment);
    await standInIncident(deployment, run, { code: 'smtp-550' });
    const stream = await listen('incidents');
    const state = await deployment.store.runs.state(run);
    if (!state) throw new Error('no state');

    await deployment.store.runs.checkpoint({
      runId: run,
      journey: 'adherence',
      version: 1,
      state: { ...state, revision: state.revision + 1 },
      trail: [],
      positions: [],
      incidents: [],
    });

    expect(await stream.next()).toMatchObject({ data: { topic: 'incidents' } });
    stream.stop();
  });

  it('asks whoever comes back to fetch again', async () => {
    const stream = await listen('incidents', { 'last-event-id': '41' });

    expect(await stream.next()).toEqual({
      id: '42',
      event: 'resync',
      data: { topics: ['incidents'] },
    });
    stream.stop();
  });

  it('tells a busy topic at most once a second (W1)', async () => {
    await deployment.call('POST', 'journeys', { key: 'busy' });
    const stream = await listen('journey:busy');

    for (let count = 0; count < 20; count += 1)
      await deployment.store.journeys.update('busy', { updatedAt: count });
    const began = Date.now();
    await stream.next();
    await stream.next();
    stream.stop();

    expect(Date.now() - began).toBeGreaterThan(800);
  });

  it('ends when the deployment is closed', async () => {
    const stream = await listen('incidents');

    await deployment.api.close();

    expect(await stream.next()).toBeUndefined();
  });

  it('refuses topics that are none', async () => {
    for (const topics of ['', 'weather', 'run:'])
      expect((await deployment.call('GET', `stream?topics=${topics}`)).status).toBe(400);
  });
});
