import { describe, expect, it } from 'vitest';
import { renderConfig } from './render.ts';

const schema = {
  type: 'object',
  properties: {
    body: { type: 'string', 'x-template': true, contentMediaType: 'text/markdown' },
    subject: { type: 'string', 'x-template': true, contentMediaType: 'text/plain' },
  },
};
const render = (template: string, subject: object, field: 'body' | 'subject' = 'body') =>
  renderConfig({ [field]: template }, schema, { scope: { subject }, evaluate: () => null })[field];

describe('a value in a template', () => {
  it('is text and never markup: no punctuation of it is left for Markdown or HTML to read (R1)', () => {
    const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

    const entities = punctuation.replace(/./g, (character) => `&#${character.charCodeAt(0)};`);
    expect(render('**{{ subject.v }}**', { v: `a${punctuation}9 é` })).toBe(`**a${entities}9 é**`);
  });

  it('is left as it is where the field is plain text (R1)', () => {
    expect(render('{{ subject.v }}', { v: 'O’Neil & <Sons>' }, 'subject')).toBe('O’Neil & <Sons>');
  });

  it('is printed as Liquid prints it: nothing when absent, lists one after the other', () => {
    expect(
      render('[{{ subject.no }}|{{ subject.list }}|{{ subject.n }}]', { list: [1, ['a']], n: 2 }),
    ).toBe('[|1a|2]');
  });

  it('is made text once when it is captured first', () => {
    const template =
      '{% capture due %}{{ subject.v }}{% endcapture %}{{ due }}{% assign x = due %}{{ x }}';

    expect(render(template, { v: '<b>' })).toBe('&#60;b&#62;&#60;b&#62;');
  });
});
