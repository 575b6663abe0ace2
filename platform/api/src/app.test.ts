import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  aDeployment,
  aDocument,
  enrol,
  publish,
  type Deployment,
} from './test-support/deployment.ts';

let deployment: Deployment;
beforeEach(async () => {
  deployment = await aDeployment({ sandbox: true });
});
afterEach(async () => {
  await deployment.close();
});

describe('every route', () => {
  it('answers', async () => {
    const { call } = deployment;
    const version = await publish(deployment);
    expect(version.body).toMatchObject({ number: 1, journey: 'adherence' });
    const run = await enrol(deployment);
    const paths = [
      '/healthz',
      '/readyz',
      '/metrics',
      '/docs',
      '/docs/reader.js',
      '/problems/key-taken',
      'openapi.json',
      'me',
      'status',
      'audit',
      'journeys',
      'journeys/adherence',
      'journeys/adherence/draft',
      'journeys/adherence/versions',
      'journeys/adherence/versions/1',
      'journeys/adherence/versions/1/counts',
      'subjects',
      'subjects/patient/p-1',
      'subjects/patient/p-1/consents',
      'entries',
      'runs',
      `runs/${run}`,
      `runs/${run}/trail`,
      'incidents',
      'plugins',
      'plugins/email',
      'connections',
      'connections/default-email',
      'sandbox/mail',
    ];
    for (const path of paths) expect([path, (await call('GET', path)).status]).toEqual([path, 200]);
    expect(aDocument().key).toBe('adherence');
  });
});
