import { describe, expect, it } from 'vitest';
import { endOf, readReceipt } from './receipt.ts';

const words = (state: string, more = ''): string =>
  `id:7c1e sub:001 dlvrd:001 submit date:2701050930 done date:2701050931 stat:${state} err:000 text:Your medicine${more}`;

describe('a receipt', () => {
  it.each([
    ['DELIVRD', 'delivered'],
    ['EXPIRED', 'undelivered'],
    ['DELETED', 'undelivered'],
    ['UNDELIV', 'undelivered'],
    ['REJECTD', 'undelivered'],
    ['ACCEPTD', undefined],
    ['ENROUTE', undefined],
    ['UNKNOWN', undefined],
    ['constructor', undefined],
  ])('of %s ends the text as %s', (state, end) => {
    const receipt = readReceipt(words(state));

    expect(receipt).toEqual({ reference: '7c1e', state: state.toUpperCase() });
    expect(receipt && endOf(receipt)).toBe(end);
  });

  it('says what the network said', () => {
    expect(readReceipt('id:A-1 stat:UNDELIV err:0x1b')).toEqual({
      ...{ reference: 'A-1', state: 'UNDELIV', error: '0x1b' },
    });
  });

  it('is read whatever the case, and with blanks', () => {
    expect(readReceipt('ID: 9 Stat: delivrd Err: 000 Text: x')).toEqual({
      ...{ reference: '9', state: 'DELIVRD' },
    });
  });

  it('is not deceived by what the text says', () => {
    expect(readReceipt('id:1 stat:UNDELIV err:001 text:id:2 stat:DELIVRD err:000')).toEqual({
      ...{ reference: '1', state: 'UNDELIV', error: '001' },
    });
    expect(readReceipt('text:id:2 stat:DELIVRD')).toBeUndefined();
  });

  it('believes the fields of SMPP before the words', () => {
    const fields = { receipted_message_id: '8f', message_state: 5 };

    expect(readReceipt(words('DELIVRD'), fields)).toMatchObject({
      ...{ reference: '8f', state: 'UNDELIV' },
    });
    expect(readReceipt('', fields)).toEqual({ reference: '8f', state: 'UNDELIV' });
  });

  it.each(['', 'hello', 'id:1', 'stat:DELIVRD', 'id: stat:'])('is not %j', (text) => {
    expect(readReceipt(text)).toBeUndefined();
  });
});
