import { describe, expect, it } from 'vitest';
import type { ActionDefinition, PluginDefinition } from './contract.ts';
import { done } from './contract.ts';
import { definePlugin, PluginDefinitionError } from './define.ts';
import { runawayIn } from './pattern.ts';
import { profileFaults, type ProfileUse } from './profile.ts';

type Schema = Record<string, unknown>;
const config: ProfileUse = { of: 'config', options: ['queues'] };
const closed = (properties: Schema, more: Schema = {}): Schema => ({
  ...{ type: 'object', additionalProperties: false, properties, ...more },
});
const field = (part: unknown, more: Schema = {}): Schema => closed({ a: part }, more);
const nested = (levels: number): Schema => (levels === 1 ? closed({}) : field(nested(levels - 1)));
const cases = (one: Schema, other: Schema): Schema =>
  field({ oneOf: [closed(one, { required: ['kind'] }), closed(other, { required: ['kind'] })] });
const broad = (count: number): Schema =>
  closed(Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, {}])));

describe('the profile of JSON Schema', () => {
  it.each<[string, ProfileUse['of'], Schema]>([
    ['nothing at all', 'config', {}],
    ['fields that are named', 'config', field({ type: 'string', pattern: '^[a-z]+$' })],
    ['an object of which nothing is said', 'config', field({ type: 'object' })],
    [
      'values of one shape under any name',
      'config',
      field({ additionalProperties: { type: 'string', 'x-template': true } }),
    ],
    ['an output with more than is named', 'output', { type: 'object', properties: { id: {} } }],
    ['an event with more than is named', 'event', { type: 'object', properties: { id: {} } }],
    ['a secret of a connection', 'connection', field({ type: 'string', 'x-secret': true })],
    [
      'a template among other types',
      'config',
      field({ type: ['number', 'object'], 'x-template': true }),
    ],
    ['choices that the action has', 'config', field({ type: 'string', 'x-options': 'queues' })],
    [
      'a part that is used twice',
      'config',
      closed({ a: { $ref: '#/$defs/b' }, c: { $ref: '#/$defs/b' } }, { $defs: { b: {} } }),
    ],
    [
      'cases that a constant tells apart',
      'config',
      cases({ kind: { const: 'a' } }, { kind: { const: 'b' } }),
    ],
    ['a choice of simple types', 'config', field({ anyOf: [{ type: 'string' }, { const: 7 }] })],
    [
      'titles in languages',
      'config',
      field({ 'x-title': { en: 'A' }, 'x-description': { en: 'B' } }),
    ],
    [
      'what a default holds, whatever it is called',
      'config',
      field({ default: { not: 1, $ref: 'x' } }),
    ],
    ['six levels', 'config', nested(6)],
    ['two hundred properties', 'config', broad(200)],
  ])('allows %s', (_, of, schema) => {
    expect(profileFaults(schema, { ...config, of })).toEqual([]);
  });

  it.each<[string, ProfileUse['of'], unknown, string, string]>([
    ['what is no schema', 'config', [], '', 'is no JSON Schema'],
    ['a root that is no object', 'output', { type: 'string' }, '/type', "must be 'object'"],
    ['a root without a type', 'event', { title: 'T' }, '/type', "must be 'object'"],
    [
      'open fields in a config',
      'config',
      { type: 'object', properties: {} },
      '/additionalProperties',
      'must be false',
    ],
    [
      'open fields further inside',
      'config',
      field({ properties: {} }),
      '/properties/a/additionalProperties',
      'must be false',
    ],
    [
      'open fields in a connection',
      'connection',
      { type: 'object', properties: {} },
      '/additionalProperties',
      'must be false',
    ],
    [
      'a reference to elsewhere',
      'config',
      field({ $ref: 'https://example.org/s.json' }),
      '/properties/a/$ref',
      'leads outside',
    ],
    [
      'a reference to a part that is none',
      'config',
      field({ $ref: '#/properties/b' }),
      '/properties/a/$ref',
      'leads outside',
    ],
    [
      'a reference to nothing',
      'config',
      field({ $ref: '#/$defs/b' }),
      '/properties/a/$ref',
      "there is no 'b'",
    ],
    [
      'a reference without an end',
      'config',
      field({ $ref: '#/$defs/b' }, { $defs: { b: field({ $ref: '#/$defs/b' }) } }),
      '/properties/a/properties/a/properties/a',
      'deeper than 6',
    ],
    ['not', 'config', field({ not: {} }), '/properties/a/not', 'say what is allowed'],
    ['if', 'config', { ...field({}), if: {} }, '/if', 'oneOf'],
    ['allOf', 'config', { ...field({}), allOf: [] }, '/allOf', 'into one schema'],
    [
      'a word with a slip',
      'output',
      { type: 'object', requred: [] },
      '/requred',
      "'requred' is not known here",
    ],
    [
      'cases without a constant',
      'config',
      cases({ kind: {} }, { kind: {} }),
      '/properties/a/oneOf',
      'different const',
    ],
    [
      'cases with the same constant',
      'config',
      cases({ kind: { const: 1 } }, { kind: { const: 1 } }),
      '/properties/a/oneOf',
      'different const',
    ],
    [
      'cases whose constant may be absent',
      'config',
      field({ anyOf: [closed({ k: { const: 1 } }), closed({ k: { const: 2 } })] }),
      '/properties/a/anyOf',
      'different const',
    ],
    [
      'a choice of a text and an object',
      'config',
      field({ oneOf: [{ type: 'string' }, { type: 'object' }] }),
      '/properties/a/oneOf',
      'simple types',
    ],
    ['seven levels', 'config', nested(7), '/properties/a'.repeat(6), 'deeper than 6'],
    [
      'levels of a list',
      'output',
      {
        type: 'object',
        properties: { a: { items: { items: { items: { items: { items: { items: {} } } } } } } },
      },
      '/properties/a/items/items/items/items/items',
      'deeper than 6',
    ],
    ['too many properties', 'config', broad(201), '', 'more than 200'],
    [
      'too many once references are followed',
      'config',
      closed({ a: { $ref: '#/$defs/b' }, c: { $ref: '#/$defs/b' } }, { $defs: { b: broad(120) } }),
      '/properties/c',
      'more than 200',
    ],
    [
      'a long pattern',
      'config',
      field({ pattern: 'a'.repeat(201) }),
      '/properties/a/pattern',
      '201 characters',
    ],
    [
      'a pattern that does not compile',
      'config',
      field({ pattern: '(' }),
      '/properties/a/pattern',
      'no regular expression',
    ],
    [
      'a pattern that only compiles without u',
      'config',
      field({ pattern: '\\-' }),
      '/properties/a/pattern',
      'with the flag u',
    ],
    [
      'a pattern that runs away',
      'config',
      field({ pattern: '^(a+)+$' }),
      '/properties/a/pattern',
      'can run away',
    ],
    [
      'such a pattern for names',
      'config',
      field({ propertyNames: { pattern: '(a*)*' } }),
      '/properties/a/propertyNames/pattern',
      'can run away',
    ],
    [
      'choices that the action has not',
      'config',
      field({ 'x-options': 'wards' }),
      '/properties/a/x-options',
      'it has queues',
    ],
    [
      'choices of a connection',
      'connection',
      field({ 'x-options': 'queues' }),
      '/properties/a/x-options',
      'for configs',
    ],
    [
      'a secret in a config',
      'config',
      field({ 'x-secret': true }),
      '/properties/a/x-secret',
      'for connections',
    ],
    [
      'a secret in an output',
      'output',
      field({ 'x-secret': true }),
      '/properties/a/x-secret',
      'for connections',
    ],
    [
      'a template in a connection',
      'connection',
      field({ type: 'string', 'x-template': true }),
      '/properties/a/x-template',
      'for configs',
    ],
    [
      'a template that is a number',
      'config',
      field({ type: 'number', 'x-template': true }),
      '/properties/a/x-template',
      'string, object or array',
    ],
    [
      'a template without a type',
      'config',
      field({ 'x-template': true }),
      '/properties/a/x-template',
      'string, object or array',
    ],
    [
      'an extension with a slip',
      'config',
      field({ 'x-tilte': {} }),
      '/properties/a/x-tilte',
      'use x-title, x-description, x-template, x-multiline, x-secret, x-options',
    ],
    [
      'an extension that is no yes or no',
      'config',
      field({ type: 'string', 'x-multiline': 'yes' }),
      '/properties/a/x-multiline',
      'true or false',
    ],
    [
      'a title that is no texts',
      'config',
      field({ 'x-title': 'A' }),
      '/properties/a/x-title',
      'texts by language',
    ],
    [
      'a place whose name has a slash',
      'config',
      closed({ 'a/b': { not: {} } }),
      '/properties/a~1b/not',
      'say what',
    ],
    [
      'items that are no schema',
      'output',
      { type: 'object', properties: { a: { items: [] } } },
      '/properties/a/items',
      'is no JSON Schema',
    ],
  ])('refuses %s', (_, of, schema, pointer, words) => {
    expect(profileFaults(schema, { ...config, of })).toEqual([
      { pointer, detail: expect.stringContaining(words) as string },
    ]);
  });
});

describe('a pattern', () => {
  it.each([
    '^[a-z][a-z0-9-]*$',
    '^(/([^~/]|~[01])*)*$',
    '^([a-z]+\\.)*[a-z]+$',
    '^(?:\\d{1,3},)*\\d+$',
    '^P(?=.)(\\d+Y)?(T(?=.)(\\d+H)?)?$',
    '^(\\+[1-9]\\d{6,14}|(?=.*[A-Za-z])[A-Za-z0-9 ._-]{1,11})$',
    '^(?!(?:failed|timeout)$)[a-z]+$',
    '(a|b|[c-e])+',
    '(?<word>\\p{L}+ )*',
    '[(+*]+\\)*',
  ])('%s ends', (pattern) => {
    expect(new RegExp(pattern, 'u')).toBeInstanceOf(RegExp);
    expect(runawayIn(pattern)).toBeUndefined();
  });

  it.each([
    ['(a+)+', "'(a+)+' repeats"],
    ['(?:a*)*', 'repeats what repeats'],
    ['^(\\w+\\s?)*$', 'repeats what repeats'],
    ['([a-z]+,?){2,}', 'repeats what repeats'],
    ['((ab)*c?)*', 'repeats what repeats'],
    ['(,[^;]*)*', 'repeats what repeats'],
    ['(a|ab)*', 'begin alike'],
    ['(\\d|[0-5])+', 'begin alike'],
    ['(x|(y|z|y))*', 'begin alike'],
    ['(?=(a+)+$)a', 'repeats what repeats'],
    ['(a)\\1*', 'refers back'],
  ])('%s can run away', (pattern, words) => {
    expect(runawayIn(pattern)).toContain(words);
  });
});

describe('a plugin', () => {
  const act = (more: Partial<ActionDefinition>): ActionDefinition => ({
    ...{ title: 'Act', schemaVersion: 1, config: {}, output: {}, outcomes: ['done'] },
    ...{ settles: 'now', perform: () => Promise.resolve(done('done')), ...more },
  });
  const aPlugin = (more: Partial<PluginDefinition>): PluginDefinition => ({
    ...{ id: 'odd', version: '1.0.0', apiVersion: 1, name: 'Odd', actions: {}, ...more },
  });
  const wrong: Schema = { type: 'object', not: {} };

  it.each<[string, Partial<PluginDefinition>]>([
    ['/connections/line/schema/not', { connections: { line: { schema: wrong } } }],
    ['/actions/act/config/not', { actions: { act: act({ config: wrong }) } }],
    ['/actions/act/output/not', { actions: { act: act({ output: wrong }) } }],
    [
      '/actions/act/earlier/1/config/not',
      { actions: { act: act({ schemaVersion: 2, earlier: { 1: act({ config: wrong }) } }) } },
    ],
    ['/events/odd.heard/schema/not', { events: { 'odd.heard': { schema: wrong } } }],
    ['/events/odd.heard/config/not', { events: { 'odd.heard': { schema: {}, config: wrong } } }],
    ['/actions', {}],
  ])('that leaves it at %s does not start', (pointer, more) => {
    const actions = pointer === '/actions' ? {} : { act: act({}) };
    const define = (): unknown => definePlugin(aPlugin({ actions, ...more }));

    expect(define).toThrow(PluginDefinitionError);
    expect(define).toThrow(`plugin 'odd', ${pointer}: `);
  });

  it('may tell events and do nothing', () => {
    const plugin = aPlugin({ events: { 'odd.heard': { schema: {} } } });
    expect(definePlugin(plugin)).toBe(plugin);
  });

  it('is heard for the choices that its fields name', () => {
    const named = field({ type: 'string', 'x-options': 'wards' });
    const wards = (): Promise<{ items: [] }> => Promise.resolve({ items: [] });
    const define = (options: ActionDefinition['options']): unknown =>
      definePlugin(
        aPlugin({ actions: { act: act({ config: named, ...(options ? { options } : {}) }) } }),
      );

    expect(define({ wards })).toBeDefined();
    expect(() => define(undefined)).toThrow('/actions/act/config/properties/a/x-options');
  });
});
