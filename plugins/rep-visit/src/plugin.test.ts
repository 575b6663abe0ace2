import { checkValue, renderConfig, type JsonObject } from '@sojourn/plugin-kit';
import { createTestContext } from '@sojourn/plugin-kit/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repVisitPlugin } from './plugin.ts';
import { aRequest, openOutside, taskIdOf, type Outside } from './test-support/outside.ts';

let outside: Outside;
beforeEach(async () => {
  outside = await openOutside();
});
afterEach(async () => {
  await outside.close();
});
const perform = (request = aRequest(), settings: JsonObject = {}) =>
  outside.plugin.actions.request.perform(request, outside.context(settings));
const visits = () => outside.sandbox.items({ limit: 10 });
const theTask = () => [...outside.list.tasks.values()][0];
const { request } = repVisitPlugin().actions;
const faults = (config: JsonObject) => checkValue(request.config, { topic: 'T', ...config });

describe('a request for a visit', () => {
  it('is a task in the list of a representative, and an appointment in their calendar', async () => {
    const brief = 'Bring the **leaflet**.';
    const { item, reference } = await outside.asked({
      brief,
      place: 'Ward 5',
      durationMinutes: 45,
    });
    const task = theTask();

    expect(reference).toBe(`${taskIdOf('run/v#1')}~mei~45`);
    expect(item).toMatchObject({
      ...{ id: `${reference}@sojourn.example`, to: 'mei@reps.example', state: 'asked' },
      ...{ title: 'Dosing in daily practice', location: 'Ward 5', sequence: 0 },
    });
    expect(Date.parse(item['end'] as string) - Date.parse(item['start'] as string)).toBe(2_700_000);
    expect(task).toMatchObject({
      ...{ queue: 'rep:mei', title: 'Dosing in daily practice', key: 'run/v#1' },
      subject: { type: 'hcp', key: 'h1' },
      dueAt: Date.parse(item['end'] as string),
      outcomes: [{ port: 'done' }, { port: 'declined' }, { port: 'no-show' }],
    });
    expect(task?.script).toContain(brief);
    expect(task?.script).toContain('Face to face');
    expect(task?.script).toContain('counts towards the call rate');
    expect(JSON.stringify(item)).not.toContain('leaflet'); // the brief stays in the list
  });

  it('is one task and one appointment, however often it is asked for', async () => {
    const first = await perform();
    const second = await perform();

    expect(second).toEqual(first);
    expect(outside.list.tasks.size).toBe(1);
    expect(await visits()).toHaveLength(1);
  });

  it('takes a report that every form has, and the questions of the step', async () => {
    await outside.asked({
      questions: [
        { name: 'mood', title: 'Mood', type: 'choice', choices: ['good', 'bad'] },
        { name: 'again', title: 'Again?', type: 'yes-no' },
      ],
    });
    const form = theTask()?.form ?? {};
    const report = {
      needsHeard: ['dosing'],
      tags: ['a'],
      nextTask: 'x',
      mood: 'good',
      again: true,
    };

    expect(checkValue(form, report)).toEqual([]);
    expect(checkValue(form, {})).toEqual([]);
    expect(checkValue(form, { mood: 'odd' })).not.toEqual([]);
    expect(checkValue(form, { more: 1 })).not.toEqual([]);
    const output = {
      outcome: 'done',
      values: report,
      by: 'bo',
      doneAt: '2027-01-05T09:30:00.000Z',
    };
    expect(checkValue(request.output, { ...output, note: 'n' })).toEqual([]);
  });

  it('goes by the class of the person, and by their territory', async () => {
    const mix = { A: ['face-to-face'], C: ['phone'] };
    await perform(aRequest({ mix }, { territory: 'south', class: 'c' }));
    const other = aRequest({ mix }, { territory: 'south', class: 'A' }, 'run/v#2');

    expect((await visits())[0]).toMatchObject({ to: 'jun@reps.example', location: 'By phone' });
    await expect(perform(other)).rejects.toMatchObject({
      ...{ code: 'no-representative', kind: 'config' },
    });
    expect(outside.list.tasks.size).toBe(1);
  });

  it('takes its task back when the address is refused for good, and only then', async () => {
    const rep = {
      id: 'x',
      name: 'X',
      territories: ['north'],
      channels: ['phone'],
      timeZone: 'UTC',
    };
    const settings = (email: string) => ({ representatives: [{ ...rep, email }] });

    await expect(perform(aRequest(), settings('later+x@reps.example'))).rejects.toMatchObject({
      kind: 'retryable',
    });
    expect(outside.list.withdrawn).toEqual([]);
    await expect(perform(aRequest(), settings('refuse+x@reps.example'))).rejects.toMatchObject({
      kind: 'permanent',
    });
    expect(outside.list.withdrawn).toEqual([taskIdOf('run/v#1')]);
  });

  it.each<[string, JsonObject]>([
    ['no-time', { window: { from: '2027-01-02', to: '2027-01-03' } }],
    ['no-representative', { territory: 'nowhere' }],
  ])('is a fault of the step with %s, and nobody is asked', async (code, config) => {
    await expect(perform(aRequest(config))).rejects.toMatchObject({ code, kind: 'config' });
    expect([outside.list.tasks.size, await visits()]).toEqual([0, []]);
  });

  it('is a fault of the connection when its organizer is no address', async () => {
    await expect(perform(aRequest(), { organizer: 'Visits' })).rejects.toMatchObject({
      code: 'bad-organizer',
    });
  });

  it('asks for no prescriptions where the rule holds', async () => {
    const questions = [{ name: 'rxVolume', title: 'How many?', type: 'number' }];
    const rules = { noPrescriptionData: true };

    await expect(perform(aRequest({ questions }), { rules })).rejects.toMatchObject({
      ...{ code: 'prescription-data', kind: 'config' },
    });
    expect([outside.list.tasks.size, await visits()]).toEqual([0, []]);
    await perform(aRequest({ questions }));
    expect(outside.list.tasks.size).toBe(1);
  });

  it.each<[string, JsonObject]>([
    ['in the brief', { brief: 'Ask about Ada Lovelace' }],
    ['in the topic', { topic: 'Call +886912345678' }],
    ['as the place', { place: 'At home' }],
  ])('tells no representative who a patient is, %s', async (_, config) => {
    const attributes = { territory: 'north', familyName: 'Lovelace', phone: '+886912345678' };
    const asking = aRequest(config, attributes);
    const ofPatient = { ...asking, subject: { ...asking.subject, type: 'patient' } };

    await expect(perform(ofPatient)).rejects.toMatchObject({ code: 'personal-data' });
    expect([outside.list.tasks.size, await visits()]).toEqual([0, []]);
  });

  it('renders no template in what leaves for a representative', () => {
    const config = {
      topic: '{{ subject.name }}',
      brief: '{{ subject.name }}',
      territory: '{{ subject.t }}',
    };
    const scope = { subject: { name: 'Ada', t: 'north' } };

    expect(renderConfig(config, request.config, { scope, evaluate: () => null })).toEqual({
      ...config,
      territory: 'north',
    });
  });

  it.each<[string, JsonObject]>([
    ['a channel that is none', { channels: ['fax'] }],
    ['no channel', { channels: [] }],
    ['a class that is none', { mix: { E: ['phone'] } }],
    ['half a window', { window: { from: '2027-01-04' } }],
    ['a duration that is none', { within: 'P' }],
    ['a question named as the report’s own', { questions: [{ name: 'tags', title: 'T' }] }],
    ['a field that is not known', { prescriptionVolume: 1 }],
  ])('refuses %s', (_, config) => {
    expect(faults({})).toEqual([]);
    expect(faults(config)).not.toEqual([]);
  });

  it('needs a list', async () => {
    const context = createTestContext({ plugin: 'rep-visit', type: 'calendar' });

    await expect(request.perform(aRequest(), context)).rejects.toMatchObject({
      code: 'no-task-list',
    });
  });
});

describe('a visit that is called off', () => {
  it('leaves the list and the calendar, whatever its time has become', async () => {
    const { reference, item } = await outside.asked();
    const cancel = () => outside.plugin.actions.request.cancel?.(reference, outside.context());

    expect(await cancel()).toBe(true);
    expect(await cancel()).toBe(false);
    expect(outside.list.withdrawn).toEqual([taskIdOf('run/v#1')]);
    expect(await visits()).toMatchObject([
      { id: item.id, state: 'cancelled', start: item['start'], moves: [] },
    ]);
  });

  it.each(['', 'x', 'x~y', 'a b~mei~30'])('is none when its name is %j', async (reference) => {
    const action = outside.plugin.actions.request;

    expect(await action.cancel?.(reference, outside.context())).toBe(false);
    expect(outside.list.withdrawn).toEqual([]);
  });
});

it('says how a connection is, its mailbox too', async () => {
  const { inbound } = outside.sandbox.connection.settings as { inbound: JsonObject };
  const { check } = outside.plugin.connections.calendar;

  expect(await check(outside.context())).toMatchObject({ status: 'ok' });
  await expect(
    check(outside.context({ inbound: { ...inbound, password: 'x' } })),
  ).rejects.toMatchObject({ kind: 'auth' });
});
