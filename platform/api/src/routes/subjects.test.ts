import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  aDeployment,
  aDocument,
  enrol,
  publish,
  type Deployment,
} from '../test-support/deployment.ts';

let deployment: Deployment;
let call: Deployment['call'];
beforeEach(async () => {
  deployment = await aDeployment();
  call = deployment.call;
});
afterEach(async () => {
  await deployment.close();
});

const anEvent = (id: string, parts: object = {}) => ({
  specversion: '1.0',
  id,
  source: 'pharmacy/1',
  type: 'prescription.filled',
  subject: 'patient/p-1',
  data: { daysSupply: 30 },
  ...parts,
});
/** A journey that reads an attribute. */
const watching = aDocument({
  exits: [{ id: 'moved', when: 'subject.givenName == "Bo"', outcome: 'moved' }],
});
const batch = { 'content-type': 'application/cloudevents-batch+json' };
const told = (type: string) => deployment.told.filter(({ message }) => message.type === type);
const idle = () => deployment.api.platform.intake.idle();

describe('a subject', () => {
  it('is made, merged and read', async () => {
    const made = await call('PUT', 'subjects/patient/p-1', { givenName: 'Mei', phone: '1' });
    const merged = await call('PUT', 'subjects/patient/p-1', { phone: null, locale: 'zh-Hant' });

    expect([made.status, merged.status]).toEqual([201, 200]);
    expect((await call('GET', 'subjects/patient/p-1')).body).toMatchObject({
      type: 'patient',
      key: 'p-1',
      attributes: { givenName: 'Mei', locale: 'zh-Hant' },
      revision: 2,
    });
  });

  it('may have any key that fits into an address', async () => {
    await call('PUT', `subjects/patient/${encodeURIComponent('a/b ü?#')}`, { x: 1 });

    expect((await call('GET', 'subjects')).body['items'][0]!.key).toBe('a/b ü?#');
  });

  it('is refused with a type that is none', async () => {
    expect((await call('PUT', 'subjects/Patient/p-1', {})).status).toBe(422);
    expect((await call('PUT', 'subjects/patient/p-1', [1])).status).toBe(422);
    expect((await call('GET', 'subjects')).body['items']).toEqual([]);
  });

  it('tells the open runs that read what changed', async () => {
    await publish(deployment, watching);
    await call('PUT', 'subjects/patient/p-1', { givenName: 'Mei' });
    await enrol(deployment);

    await call('PUT', 'subjects/patient/p-1', { favouriteColour: 'red' });
    expect(told('subject.changed')).toEqual([]);
    await call('PUT', 'subjects/patient/p-1', { givenName: 'Lin' });
    expect(told('subject.changed')).toHaveLength(1);
  });

  it('tells what an earlier crash left untold when it is changed the same way again (I4)', async () => {
    await publish(deployment, watching);
    await call('PUT', 'subjects/patient/p-1', { givenName: 'Mei' });
    await enrol(deployment);
    await deployment.store.subjects.merge('patient', 'p-1', { givenName: 'Lin' }, 1); // and then it was killed

    await call('PUT', 'subjects/patient/p-1', { givenName: 'Lin' });

    expect(told('subject.changed')[0]?.message).toMatchObject({ attributes: { givenName: 'Lin' } });
  });

  it('that changes is an event for the journeys and runs that listen for one', async () => {
    await publish(
      deployment,
      aDocument({
        entry: [
          { on: 'event', event: 'subject.changed', if: '"phone" in event.data.changed' },
          { on: 'manual' },
        ],
        steps: {
          welcome: { kind: 'wait', for: [{ port: 'sent', event: 'subject.changed' }] },
          pause: { kind: 'wait', for: [{ port: 'later', after: 'P3D' }] },
          done: { kind: 'end', outcome: 'completed' },
        },
      }),
    );
    await call('PUT', 'subjects/patient/p-1', { givenName: 'Mei' });
    await idle();
    expect(told('run.started')).toEqual([]);

    await call('PUT', 'subjects/patient/p-1', { phone: '1' });
    await idle();
    expect(told('run.started')).toMatchObject([
      { message: { cause: { event: 'subject.changed' } } },
    ]);
    expect(told('event.received')).toEqual([]);

    await call('PUT', 'subjects/patient/p-1', { phone: '2', locale: 'en' });
    await call('PUT', 'subjects/patient/p-1', { phone: '2' });
    await idle();
    const event = {
      type: 'subject.changed',
      source: 'sojourn',
      data: { changed: ['locale', 'phone'], revision: 3 },
    };
    expect(told('event.received')).toMatchObject([{ message: { event } }]);
  });

  it('that was erased and comes back changes anew', async () => {
    await publish(deployment, aDocument({ entry: [{ on: 'event', event: 'subject.changed' }] }));
    for (const name of ['Mei', 'Lin']) {
      await call('PUT', 'subjects/patient/p-1', { name });
      await idle();
      await call('DELETE', 'subjects/patient/p-1');
      deployment.now.at += 1_000;
    }

    const stored = await deployment.store.intake.eventsOf(
      { type: 'patient', key: 'p-1' },
      { limit: 9 },
    );
    expect(stored.items.map(({ type }) => type)).toEqual(['subject.changed', 'subject.changed']);
  });

  it('that changes is no event when nobody listens, and none that comes from outside', async () => {
    await publish(deployment, watching);
    await call('PUT', 'subjects/patient/p-1', { givenName: 'Mei' });
    await enrol(deployment);
    await call('PUT', 'subjects/patient/p-1', { givenName: 'Lin' });
    const outside = await call('POST', 'events', anEvent('e-1', { type: 'subject.changed' }));
    await idle();

    expect(outside.body['refused']).toMatchObject([{ code: 'type-reserved' }]);
    expect(
      (await deployment.store.intake.eventsOf({ type: 'patient', key: 'p-1' }, { limit: 9 })).items,
    ).toEqual([]);
  });

  it('is erased after its runs were ended (R2)', async () => {
    await publish(deployment);
    const run = await enrol(deployment);

    expect((await call('DELETE', 'subjects/patient/p-1')).status).toBe(204);

    expect(deployment.terminated).toContain(run);
    expect((await call('GET', `runs/${run}`)).body).toMatchObject({
      status: 'ended',
      outcome: 'erased',
    });
    expect((await call('GET', `runs/${run}/trail`)).body['items'].at(-1)).toMatchObject({
      what: 'ended',
      because: { outcome: 'erased' },
    });
    expect((await call('GET', 'subjects/patient/p-1')).status).toBe(404);
    expect((await call('DELETE', 'subjects/patient/p-1')).status).toBe(404);
  });

  it('that was erased is not kept anything about until it is put again (U2)', async () => {
    await publish(deployment);
    await call('PUT', 'subjects/patient/p-1', { givenName: 'Mei' });
    await call('DELETE', 'subjects/patient/p-1');

    const events = await call(
      'POST',
      'events',
      [anEvent('e-1', { subject: 'patient/p-2' }), anEvent('e-2')],
      batch,
    );
    const enrolled = await call('POST', 'journeys/adherence/runs', {
      subject: 'patient/p-1',
    });
    const consented = await call('PUT', 'subjects/patient/p-1/consents/support/email', {
      ...{ state: 'given', at: '2026-11-24T00:00:00Z', source: 'form' },
    });
    await idle();

    expect(events.body).toMatchObject({
      accepted: 1,
      refused: [{ index: 1, code: 'subject-erased' }],
    });
    expect([enrolled, consented].map(({ body }) => body.code)).toEqual([
      'subject-erased',
      'subject-erased',
    ]);
    expect((await call('GET', 'subjects/patient/p-1')).status).toBe(404);
    expect((await call('PUT', 'subjects/patient/p-1', { givenName: 'Mei' })).status).toBe(201);
    expect((await call('POST', 'events', anEvent('e-3'))).body).toMatchObject({ accepted: 1 });
  });

  it('whose erasure was cut off is erased by the sweep (R1)', async () => {
    await publish(deployment);
    const run = await enrol(deployment);
    deployment.away.host = true;

    const cut = await call('DELETE', 'subjects/patient/p-1');
    expect(cut.body).toMatchObject({ status: 503, code: 'erasure-waits' });
    expect((await call('GET', `runs/${run}`)).body['status']).toBe('active'); // never ended here while it lives there
    deployment.away.host = false;
    expect(await deployment.api.platform.erasure.sweep()).toBe(1);

    expect((await call('GET', `runs/${run}`)).body['outcome']).toBe('erased');
    expect((await call('GET', 'subjects/patient/p-1')).status).toBe(404);
    expect(await deployment.api.platform.erasure.sweep()).toBe(0);
    deployment.now.at += 150_000;
    expect(await deployment.api.platform.erasure.sweep()).toBe(1); // the last look (R4)
    expect(await deployment.store.erasures.underWay(9)).toEqual([]);
  });
});

describe('a consent', () => {
  const consent = (state: string, at: string) => ({ state, at, source: 'form' });
  const path = 'subjects/patient/p-1/consents/support/email';

  it('stands as it was given last, by its own instant', async () => {
    await call('PUT', path, consent('given', '2026-11-24T00:00:00Z'));
    const older = await call('PUT', path, consent('withdrawn', '2026-11-23T00:00:00Z'));

    expect(older.body).toMatchObject({ state: 'given' });
    expect((await call('GET', 'subjects/patient/p-1/consents')).body['items']).toEqual([
      {
        purpose: 'support',
        channel: 'email',
        state: 'given',
        at: '2026-11-24T00:00:00.000Z',
        source: 'form',
      },
    ]);
  });

  it('that is withdrawn is told to open runs, once (U1)', async () => {
    await publish(deployment);
    const run = await enrol(deployment);
    const withdrawn = consent('withdrawn', '2026-11-24T00:00:00Z');

    await call('PUT', path, withdrawn);
    await call('PUT', path, withdrawn);
    await idle();

    const event = {
      type: 'consent.withdrawn',
      data: { purpose: 'support', channel: 'email' },
    };
    expect(told('event.received')).toMatchObject([{ runId: run, message: { event } }]);
  });

  it('may be about every purpose, and about nothing that is none', async () => {
    const given = consent('withdrawn', '2026-11-24T00:00:00Z');

    expect((await call('PUT', 'subjects/patient/p-1/consents/*/email', given)).status).toBe(200);
    expect((await call('PUT', 'subjects/patient/p-1/consents/A B/email', given)).status).toBe(422);
    const leap = await call('PUT', path, consent('given', '2026-12-31T23:59:60Z'));
    expect([leap.status, leap.body['errors'][0]!.pointer]).toEqual([422, '/at']);
  });
});

describe('events', () => {
  it('are accepted once each', async () => {
    const first = await call('POST', 'events', anEvent('e-1'));
    const again = await call('POST', 'events', anEvent('e-1'));

    expect([first.status, first.body]).toEqual([202, { accepted: 1, duplicates: 0, refused: [] }]);
    expect(again.body).toEqual({ accepted: 0, duplicates: 1, refused: [] });
  });

  it('of a batch are refused one by one', async () => {
    const events = [
      anEvent('e-1'),
      { ...anEvent('e-2'), specversion: '0.3' },
      anEvent('e-3', { type: 'subject.changed' }),
      anEvent('e-4', { data: { text: 'x'.repeat(70_000) } }),
      7,
      anEvent('e-5', { subject: 'p-1' }),
      anEvent('e-6'),
    ];

    const { status, body } = await call('POST', 'events', events, batch);

    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 2, duplicates: 0 });
    expect(body['refused'].map(({ index, code }) => [index, code])).toEqual([
      [1, 'event-invalid'],
      [2, 'type-reserved'],
      [3, 'data-too-large'],
      [4, 'event-invalid'],
      [5, 'event-invalid'],
    ]);
  });

  it('are not taken by more than a thousand, or in another form', async () => {
    const many = Array.from({ length: 1_001 }, (_, index) => anEvent(`e-${index}`));

    expect((await call('POST', 'events', many, batch)).status).toBe(413);
    expect((await call('POST', 'events', '"x"')).status).toBe(422);
    expect((await call('POST', 'events', 'x', { 'content-type': 'text/csv' })).status).toBe(415);
    expect(
      (await deployment.store.intake.eventsOf({ type: 'patient', key: 'p-1' }, { limit: 9 })).items,
    ).toEqual([]);
  });

  it('of one person are handled in the order of their acceptance (I2)', async () => {
    await publish(
      deployment,
      aDocument({ exits: [{ id: 'x', event: 'visit.done', outcome: 'done' }] }),
    );
    await enrol(deployment);
    const events = Array.from({ length: 50 }, (_, index) => {
      const time = `2020-01-01T00:00:${String(59 - index).padStart(2, '0')}Z`; // their own time runs backwards
      return { ...anEvent(`v-${index}`, { type: 'visit.done' }), time };
    });

    await call('POST', 'events', events, batch);
    await idle();

    const heard = told('event.received').map(({ message }) =>
      message.type === 'event.received' ? message.event.time : '',
    );
    expect(heard).toEqual(events.map(({ time }) => time));
  });

  it('let people enter, once each, and the run does not hear its own event (I3)', async () => {
    await publish(deployment);

    await call('POST', 'events', anEvent('e-1'));
    await call('POST', 'events', anEvent('e-1'));
    await idle();

    const { body } = await call('GET', 'entries?journey=adherence&subject=patient/p-1');
    expect(body['items']).toEqual([
      expect.objectContaining({ result: 'entered', subject: 'patient/p-1', version: 1 }),
    ]);
    expect(deployment.told.map(({ message }) => message.type)).toEqual(['run.started']);
  });

  it('are handled again after a crash between any two steps, with the same end (I4)', async () => {
    await publish(deployment);
    const { intake, runs } = deployment.store;
    const steps: [object, string][] = [
      [intake, 'addEntry'],
      [runs, 'insert'],
      [intake, 'put'],
      [intake, 'markRouted'],
    ];
    for (const [index, [port, name]] of steps.entries()) {
      const methods = port as Record<string, unknown>;
      const whole = methods[name];
      methods[name] = () => Promise.reject(new Error('killed'));
      await call('POST', 'events', anEvent(`e-${index}`, { subject: `patient/c-${index}` }));
      await idle();
      methods[name] = whole;
      deployment.now.at += 10_000;

      await deployment.api.platform.intake.sweep(5_000);
      await idle();

      const { items } = await runs.list(
        { subject: { type: 'patient', key: `c-${index}` } },
        { limit: 10 },
      );
      expect([name, items.length]).toEqual([name, 1]);
      const messages = await intake.messagesOf(items[0]?.id ?? '');
      expect(messages.map(({ delivered }) => delivered)).toEqual([true]);
      expect(await intake.unrouted(deployment.now.at, 10)).toEqual([]);
    }
  });

  describe('after one that failed', () => {
    const visit = (name: string) =>
      call('POST', 'events', anEvent(name, { type: 'visit.done', data: { name } }));
    const heard = () =>
      told('event.received').map(({ message }) =>
        message.type === 'event.received' ? message.event.data['name'] : '',
      );
    const sweep = async () => {
      deployment.now.at += 10_000;
      await deployment.api.platform.intake.sweep(5_000);
      await idle();
    };
    /** Puts nothing into an inbox that holds this text. */
    const refuse = (text: string) => {
      const { intake } = deployment.store;
      const put = intake.put.bind(intake);
      intake.put = (message) =>
        JSON.stringify(message).includes(text) ? Promise.reject(new Error('away')) : put(message);
      return () => (intake.put = put);
    };
    beforeEach(async () => {
      const exits = [{ id: 'x', event: 'visit.done', outcome: 'done' }];
      await publish(deployment, aDocument({ exits }));
      await enrol(deployment);
    });

    it('wait until it was handled (I5)', async () => {
      const mend = refuse('first');
      await visit('first');
      await idle();
      mend();
      await visit('second');
      await idle();
      expect(heard()).toEqual([]);

      await sweep();

      expect(heard()).toEqual(['first', 'second']);
    });

    it('do not wait for ever (I5)', async () => {
      refuse('poison');
      await visit('poison');
      await visit('withdrawal');

      for (let count = 0; count < 6; count += 1) await sweep();

      expect(heard()).toEqual(['withdrawal']);
    });
  });

  it('that could not be told are told by the sweep', async () => {
    await publish(deployment);
    deployment.away.host = true;
    await enrol(deployment);
    deployment.away.host = false;
    deployment.now.at += 10_000;

    await deployment.api.platform.intake.sweep(5_000);

    expect(told('run.started')).toHaveLength(1);
  });
});
