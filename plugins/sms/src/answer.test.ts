import { checkValue } from '@sojourn/plugin-kit';
import { describe, expect, it } from 'vitest';
import { answerOf, assertAnswerable } from './answer.ts';
import { askConfig, askOutput } from './schemas.ts';

const written = {
  text: 'Did you take it? 1 yes 2 no',
  answers: [
    { port: 'taken', words: ['yes', 'Yes I did', '吃了', '👍'], label: 'Taken' },
    { port: 'not-yet', words: ['no', '還沒'] },
    { port: 'never', words: ['1st of never', '３'] },
    { port: 'later', words: ['tomorrow'] },
  ],
};
const outcomeOf = (text: string) => answerOf({ text }, written)?.outcome;

describe('an answer', () => {
  it.each([
    ['yes', 'taken'],
    ['  YES!! ', 'taken'],
    ['Ｙｅｓ', 'taken'],
    ['yes, I did', 'taken'],
    ['吃了。', 'taken'],
    ['👍\ufe0f', 'taken'],
    ['還沒！', 'not-yet'],
    ['1', 'taken'],
    ['１', 'taken'],
    ['(2)', 'not-yet'],
    ['4.', 'later'],
    ['yes please', 'other'],
    ['0', 'other'],
    ['5', 'other'],
    ['12', 'other'],
    ['1 2', 'other'],
    ['?!', 'other'],
    ['', 'other'],
  ])('%j is %s', (text, port) => {
    expect(outcomeOf(text)).toBe(port);
  });

  it('is a word before it is a number (N2)', () => {
    const answers = [
      { port: 'none', words: ['0'] },
      { port: 'one', words: ['1'] },
    ];
    const portOf = (text: string) => answerOf({ text }, { text: 'How many?', answers })?.outcome;

    expect([portOf('0'), portOf('1'), portOf('2')]).toEqual(['none', 'one', 'one']);
  });

  it('comes with what was written, and with the port', () => {
    const given = answerOf({ text: 'Maybe  later' }, written);

    expect(given).toEqual({ outcome: 'other', output: { answer: 'other', text: 'Maybe  later' } });
    expect(checkValue(askOutput, given?.output)).toEqual([]);
  });

  it.each(['STOP', '退訂', 'T', 'help', '帮助'])('is never %j (N1)', (text) => {
    expect(answerOf({ text }, written)).toBeUndefined();
    expect(answerOf({ text }, { answers: [{ port: 'taken', words: [text] }] })).toBeUndefined();
  });
});

describe('the answers of a question', () => {
  it.each(['Stop', 'cancel', '停止', 'info'])(
    'cannot have the word %j, which would never be heard',
    (word) => {
      const answers = [{ port: 'no-more', words: ['no', word] }];

      expect(() => assertAnswerable(answers)).toThrow(`'${word}' of the answer 'no-more'`);
    },
  );

  it('can have others', () => {
    expect(() => assertAnswerable(written.answers)).not.toThrow();
  });

  it.each(['other', 'silent', 'failed', 'timeout', 'suppressed', 'No'])(
    'cannot have the port %j',
    (port) => {
      expect(checkValue(askConfig, { text: '?', answers: [{ port, words: ['a'] }] })).not.toEqual(
        [],
      );
    },
  );

  it('fit the schema', () => {
    expect(checkValue(askConfig, written)).toEqual([]);
  });
});
