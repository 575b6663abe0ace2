import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aDeployment, aDocument, publish, type Deployment } from '../test-support/deployment.ts';

let deployment: Deployment;
let call: Deployment['call'];
beforeEach(async () => {
  deployment = await aDeployment();
  call = deployment.call;
  await publish(deployment);
});
afterEach(async () => {
  await deployment.close();
});

const span = { start: '2027-01-01T00:00:00Z', until: '2027-12-31T00:00:00Z', seed: 's' };
const person = { subject: { key: 'p1', email: 'a@b.example' }, enters: '2027-01-02T00:00:00Z' };
const { key } = aDocument();
const simulate = (body: unknown) => call('POST', `journeys/${key}/simulations`, body);

describe('a simulation', () => {
  it('walks people through the draft, a version or a document, and touches nothing', async () => {
    const draft = await simulate({ ...span, people: [person] });
    const version = await simulate({ ...span, people: [person], version: 1 });
    const document = await simulate({ ...span, people: [person], document: aDocument() });

    expect(draft.status).toBe(200);
    expect(draft.body).toMatchObject({
      people: [{ key: 'p1', entered: '2027-01-02T00:00:00.000Z' }],
      summary: { people: 1, entered: 1 },
      seed: 's',
      engine: { tzdata: process.versions.tz },
      hashes: { plan: expect.any(String) as string, policies: expect.any(String) as string },
    });
    expect(version.body).toEqual(draft.body);
    expect(document.body.people).toEqual(draft.body.people);
    expect(deployment.sent).toEqual([]);
    expect((await deployment.store.runs.list({}, { limit: 10 })).items).toEqual([]);
    expect(await deployment.store.subjects.get('patient', 'p1')).toBeUndefined();
  });

  it('gives the same bytes for the same request', async () => {
    const body = { ...span, cohort: { size: 50, enters: '2027-01-02' }, detail: 'people' };
    expect(JSON.stringify((await simulate(body)).body)).toBe(
      JSON.stringify((await simulate(body)).body),
    );
  });

  it('becomes a job for more than 1,000, with progress and an answer; or is stopped', async () => {
    const begun = await simulate({ ...span, cohort: { size: 1_500, enters: '2027-01-02' } });
    expect(begun.status).toBe(202);
    const at = (begun.headers.get('location') ?? '').replace('/api/v1/', '');
    const stopped = await simulate({ ...span, cohort: { size: 900_000, enters: '2027-01-02' } });
    const other = (stopped.headers.get('location') ?? '').replace('/api/v1/', '');

    await expect
      .poll(async () => (await call('GET', at)).body.state as string, { timeout: 20_000 })
      .toBe('done');
    expect((await call('GET', `${at}/answer`)).body.summary).toMatchObject({ people: 1_500 });
    await expect
      .poll(async () => (await call('GET', other)).body.done as number, { timeout: 20_000 })
      .toBeGreaterThan(0);
    expect((await call('GET', other)).body.summary).toMatchObject({
      entered: expect.any(Number) as number,
    });
    expect((await call('GET', `${other}/answer`)).status).toBe(409);
    expect((await call('DELETE', other)).status).toBe(204);
    expect((await call('GET', other)).body.state).toBe('cancelled');
    expect((await call('GET', `journeys/${key}/simulations/nothing`)).status).toBe(404);
  }, 40_000);

  it.each([
    [{ until: 'later' }, '/until'],
    [{ people: [{ subject: {} }] }, '/people/0/subject'],
    [{ people: [{ ...person, actions: { nobody: [{ port: 'x' }] } }] }, '/people/0/actions/nobody'],
    [{ document: { format: 1 } }, '/document'],
    [{ policies: [{ kind: 'cap' }] }, '/policies/0'],
    [{ manifests: [{}] }, '/manifests/0'],
    [{ behaviour: { actions: { 'email/send': { sent: -1 } } } }, '/behaviour/actions/email~1send'],
  ])('is refused with pointers: %j', async (change, pointer) => {
    const answer = await simulate({ ...span, people: [person], ...change });

    expect(answer.status).toBe(422);
    expect(answer.body.errors[0]?.pointer).toMatch(new RegExp(`^${pointer}`, 'u'));
  });

  it('is not there for a journey that is not', async () => {
    expect((await call('POST', 'journeys/nobody/simulations', span)).status).toBe(404);
  });
});
