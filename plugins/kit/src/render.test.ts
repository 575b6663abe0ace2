import { describe, expect, it } from 'vitest';
import type { JsonObject } from './contract.ts';
import { renderConfig } from './render.ts';

const schema = {
  type: 'object',
  properties: {
    body: { type: 'string', 'x-template': true, contentMediaType: 'text/markdown' },
    subject: { type: 'string', 'x-template': true, contentMediaType: 'text/plain' },
    json: { 'x-template': true, contentMediaType: 'application/json' },
    path: { type: 'string', 'x-template': true, contentMediaType: 'text/uri-list' },
    query: { type: 'object', additionalProperties: { 'x-template': true } },
  },
};
type Field = 'body' | 'subject' | 'json' | 'path' | 'query';
const render = (template: JsonObject[string], subject: object, field: Field = 'body') =>
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

  it('stays inside its string where the field is JSON, however often it is printed (R1)', () => {
    const v = 'a"b\\c\n{"x":1}\u0007é';
    const template =
      '{"name": "{{ subject.v }}", "again": "{% capture c %}{{ subject.v }}{% endcapture %}{{ c }}"}';

    expect(JSON.parse(render(template, { v }, 'json') as string)).toEqual({ name: v, again: v });
  });

  it('is one segment where the field is an address (R1)', () => {
    const template =
      '/people/{{ subject.v }}/x?y={% capture c %}{{ subject.v }}{% endcapture %}{{ c }}';

    expect(render(template, { v: 'a/b?c=é&#' }, 'path')).toBe(
      '/people/a%2Fb%3Fc%3D%C3%A9%26%23/x?y=a%2Fb%3Fc%3D%C3%A9%26%23',
    );
  });

  it('stays as it is in every text of an object or a list that is a template (R3)', () => {
    const given = { name: '{{ subject.v }}', list: ['x', { deep: '{{ subject.v }}!' }, 3] };

    expect(render(given, { v: 'a"<b>' }, 'json')).toEqual({
      name: 'a"<b>',
      list: ['x', { deep: 'a"<b>!' }, 3],
    });
  });

  it('is rendered under names that the schema does not list', () => {
    expect(render({ since: '{{ subject.v }}', n: 2 }, { v: 'a' }, 'query')).toEqual({
      since: 'a',
      n: 2,
    });
  });
});
