import { checkValue } from '@sojourn/plugin-kit';
import { describe, expect, it } from 'vitest';
import { readArrival, reportOfReceipt, reportOfText } from './arrival.ts';
import { events, sendOutput } from './schemas.ts';

const from = '+886912345678';
const fields = (change: Record<string, unknown> = {}) => ({
  ...{ source_addr: '886912345678', source_addr_ton: 1, destination_addr: '27300', esm_class: 0 },
  short_message: { message: 'yes' },
  ...change,
});
const header = (...octets: number[]) => Buffer.from(octets);

describe('what an SMSC delivers', () => {
  it('is a text', () => {
    expect(readArrival(fields())).toEqual({ type: 'text', from, to: '27300', text: 'yes' });
  });

  it('is a text too when it stands in the payload', () => {
    const payload = { short_message: { message: '' }, message_payload: { message: 'a long one' } };

    expect(readArrival(fields(payload))).toMatchObject({ type: 'text', text: 'a long one' });
  });

  it.each<[string, Record<string, unknown>, number]>([
    ['8 bits', { short_message: { udh: [header(0, 3, 9, 2, 1)], message: 'a' } }, 9],
    ['16 bits', { short_message: { udh: [header(8, 4, 1, 9, 2, 1)], message: 'a' } }, 265],
    [
      'a parameter',
      { ...{ sar_msg_ref_num: 77, sar_total_segments: 2, sar_segment_seqnum: 1 } },
      77,
    ],
  ])('is a part when it says so by %s', (_how, change, reference) => {
    expect(readArrival(fields(change))).toMatchObject({
      type: 'part',
      part: { from, to: '27300', reference, total: 2, number: 1 },
    });
  });

  it.each<[string, Buffer]>([
    ['of nothing', header(0, 3, 9, 0, 0)],
    ['after the last', header(0, 3, 9, 2, 3)],
    ['cut off', header(0, 3, 9)],
    ['of one', header(0, 3, 9, 1, 1)],
    ['of something else', header(0x24, 1, 1)],
  ])('is a text when the part is one %s', (_what, element) => {
    const change = { short_message: { udh: [element], message: 'a' } };

    expect(readArrival(fields(change))).toMatchObject({ type: 'text', text: 'a' });
  });

  it.each<[string, Record<string, unknown>]>([
    ['no text', { short_message: { message: Buffer.from([1, 2]) } }],
    ['empty', { short_message: { message: '' } }],
    ['from no phone', { source_addr: 'Bank', source_addr_ton: 5 }],
    [
      'a notification on the way',
      { esm_class: 0x20, short_message: { message: 'id:1 stat:ENROUTE' } },
    ],
    ['a receipt that says nothing', { esm_class: 0x04 }],
  ])('is nothing when it is %s', (_what, change) => {
    expect(readArrival(fields(change))).toEqual({ type: 'nothing' });
  });

  it('is a receipt, whatever else the class says', () => {
    const message = { message: 'id:7c stat:UNDELIV err:027 text:' };

    expect(readArrival(fields({ esm_class: 0x84, short_message: message }))).toEqual({
      type: 'receipt',
      receipt: { reference: '7c', state: 'UNDELIV', error: '027' },
    });
  });
});

describe('what is reported', () => {
  it('of a receipt is the end, under one id however often it comes', () => {
    const report = reportOfReceipt({ reference: '7c', state: 'UNDELIV', error: '027' });

    expect(report).toEqual({
      ...{ type: 'settled', eventId: '7c/UNDELIV', reference: '7c', outcome: 'undelivered' },
      output: { state: 'UNDELIV', error: '027' },
    });
    expect(checkValue(sendOutput, report?.output)).toEqual([]);
  });

  it('of a receipt that is no end is nothing', () => {
    expect(reportOfReceipt({ reference: '7c', state: 'ACCEPTD' })).toBeUndefined();
  });

  it.each([
    ['Yes!', 'sms.replied', { text: 'Yes!', parts: 1 }],
    ['HELP', 'sms.replied', { text: 'HELP', parts: 1, help: true }],
    ['Stop.', 'sms.stopped', { word: 'stop', language: 'en' }],
    ['退订', 'sms.stopped', { word: '退订', language: 'zh-Hans' }],
  ])('of %j is %s, with what was written and no number in the data', (text, eventType, data) => {
    const report = reportOfText({ from, text, parts: 1, eventId: 'e1' });

    expect(report).toEqual({
      ...{ type: 'happened', eventId: 'e1', eventType, data, message: { text } },
      subject: { attribute: 'phone', value: from },
    });
    const { schema } = events[eventType as keyof typeof events];
    expect(checkValue({ ...schema, additionalProperties: false }, data)).toEqual([]);
  });
});
