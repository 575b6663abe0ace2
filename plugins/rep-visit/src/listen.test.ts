import { calendarText, composeMail, readMail, type Appointment } from '@sojourn/plugin-kit/mail';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reportsOf } from './listen.ts';
import { openOutside, taskIdOf, type Outside } from './test-support/outside.ts';
import { visitOf } from './visit.ts';

let outside: Outside;
beforeEach(async () => {
  outside = await openOutside();
});
afterEach(async () => {
  await outside.close();
});
const inDays = (days: number): string =>
  new Date((Math.floor(Date.now() / 60_000) + days * 1_440) * 60_000).toISOString();

describe('a representative', () => {
  it('who accepts is heard', async () => {
    const { reference, item } = await outside.asked();
    await outside.sandbox.act(item.id, { type: 'accept' });

    expect(await outside.heard(1)).toMatchObject([
      {
        ...{ type: 'happened', eventType: 'visit.accepted', reference },
        data: { representative: 'mei' },
      },
    ]);
    expect(outside.list.withdrawn).toEqual([]);
    expect(await outside.sandbox.item(item.id)).toMatchObject({ state: 'accepted' });
  });

  it('who declines ends the step, and has no task any more', async () => {
    const { reference, item } = await outside.asked();
    await outside.sandbox.act(item.id, { type: 'decline' });

    expect(await outside.heard(1)).toMatchObject([
      {
        ...{ type: 'settled', reference, outcome: 'declined' },
        output: { outcome: 'declined', values: {} },
      },
    ]);
    expect(outside.list.withdrawn).toEqual([taskIdOf('run/v#1')]);
  });

  it('who proposes another time has it: the event says so, and an update arrives', async () => {
    const { reference, item } = await outside.asked({ durationMinutes: 45 });
    const start = inDays(5);
    await outside.sandbox.act(item.id, { type: 'other-time', start });
    const before = await outside.sandbox.item(item.id);
    const [report] = await outside.heard(1);

    const end = new Date(Date.parse(start) + 2_700_000).toISOString();
    expect(before).toMatchObject({ state: 'counter', start: item['start'] });
    expect(report).toMatchObject({
      ...{ type: 'happened', eventType: 'visit.rescheduled', reference },
      data: { representative: 'mei', start, end },
    });
    const { taskId = '' } = visitOf(reference) ?? {};
    expect(outside.list.tasks.get(taskId)).toMatchObject({
      appointment: { start: Date.parse(item['start'] as string), location: 'Face to face' },
    });
    expect(outside.list.moved).toEqual([[taskId, Date.parse(start), Date.parse(end)]]);
    expect(await outside.sandbox.items({ limit: 10 })).toMatchObject([
      { id: item.id, state: 'asked', sequence: 1, start, end, title: item['title'] },
    ]);
  });

  it('may propose again, and accept: each update has the next number', async () => {
    const { item } = await outside.asked();
    await outside.sandbox.act(item.id, { type: 'other-time', start: inDays(5) });
    await outside.heard(1);
    await outside.sandbox.act(item.id, { type: 'other-time', start: inDays(6) });
    const again = await outside.heard(2); // the first was not stored
    await outside.sandbox.act(item.id, { type: 'accept' });
    const [, accepted] = await outside.heard(2);

    expect(again.map((one) => one.type === 'happened' && one.eventType)).toEqual([
      'visit.rescheduled',
      'visit.rescheduled',
    ]);
    expect(accepted).toMatchObject({ eventType: 'visit.accepted' });
    expect(await outside.sandbox.item(item.id)).toMatchObject({ sequence: 2, start: inDays(6) });
  });

  it('is heard once, though the answer comes twice', async () => {
    outside.sandbox.report?.('twice');
    const { item } = await outside.asked();
    await outside.sandbox.act(item.id, { type: 'accept' });
    const [first, second] = await outside.heard(2);

    expect(first?.eventId).toBe(second?.eventId);
  });
});

describe('an answer', () => {
  const said = async (change: Partial<Appointment> & { uid: string }, mail: object = {}) => {
    const start = Date.now() + 86_400_000;
    const content = calendarText({
      ...{
        method: 'REPLY',
        sequence: 0,
        stampedAt: 0,
        summary: 'S',
        start,
        end: change.start ?? start,
      },
      attendee: { name: '', address: 'mei@reps.example', status: 'DECLINED' },
      ...change,
    });
    const raw = await composeMail({
      ...{ from: 'mei@reps.example', to: 'replies@sojourn.example', text: 'x' },
      icalEvent: { method: 'REPLY', content },
      ...mail,
    });
    return await reportsOf(await readMail(raw), outside.context(), outside.list);
  };

  it.each<[string, (uid: string) => Partial<Appointment> & { uid: string }]>([
    [
      'somebody else',
      (uid) => ({ uid, attendee: { name: '', address: 'jun@reps.example', status: 'DECLINED' } }),
    ],
    ['nobody', (uid) => ({ uid: uid.replace('~mei~', '~eve~') })],
    ['another calendar', (uid) => ({ uid: uid.replace('sojourn.example', 'other.example') })],
    ['no visit', () => ({ uid: 'something@sojourn.example' })],
  ])('of %s says nothing (L1)', async (_, change) => {
    const { item } = await outside.asked();

    expect(await said(change(item.id))).toEqual([]);
    expect(outside.list.withdrawn).toEqual([]);
    expect(await said({ uid: item.id })).toHaveLength(1);
  });

  it.each<[string, Partial<Appointment>]>([
    ['a perhaps', { attendee: { name: '', address: 'mei@reps.example', status: 'TENTATIVE' } }],
    ['a time that is over', { method: 'COUNTER', start: Date.now() - 1_000 }],
    ['a time in years', { method: 'COUNTER', start: Date.now() + 400 * 86_400_000 }],
    ['a request', { method: 'REQUEST' }],
  ])('that is %s says nothing', async (_, change) => {
    const { item } = await outside.asked();

    expect(await said({ uid: item.id, ...change })).toEqual([]);
    expect(await outside.sandbox.item(item.id)).toMatchObject({ sequence: 0 });
  });

  it('that cannot be read says nothing', async () => {
    const { item } = await outside.asked();
    const broken = { icalEvent: { method: 'REPLY', content: 'BEGIN:VCALENDAR\nX' } };

    expect(await said({ uid: item.id }, broken)).toEqual([]);
    expect(await said({ uid: item.id }, { icalEvent: undefined })).toEqual([]);
  });

  it('in a zone of its own names the right time', async () => {
    const { item } = await outside.asked();
    const day = inDays(5).slice(0, 10).replaceAll('-', '');
    const content = [
      ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'METHOD:COUNTER', 'BEGIN:VTIMEZONE', 'TZID:Here'],
      ...['BEGIN:STANDARD', 'DTSTART:19700101T000000', 'TZOFFSETFROM:+0800', 'TZOFFSETTO:+0800'],
      ...['END:STANDARD', 'END:VTIMEZONE', 'BEGIN:VEVENT', `UID:${item.id}`, 'SEQUENCE:0'],
      ...[`DTSTART;TZID=Here:${day}T093000`, `DTEND;TZID=Here:${day}T100000`, 'SUMMARY:S'],
      ...['ATTENDEE;PARTSTAT=TENTATIVE:MAILTO:Mei@Reps.example', 'END:VEVENT', 'END:VCALENDAR', ''],
    ].join('\r\n');
    const [report] = await said({ uid: item.id }, { icalEvent: { method: 'COUNTER', content } });

    expect(report).toMatchObject({ data: { start: `${inDays(5).slice(0, 10)}T01:30:00.000Z` } });
  });
});
