// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import en from '../../i18n/locales/en.json' with { type: 'json' };
import { insertValue } from './insert.ts';
import { SchemaForm } from './SchemaForm.tsx';
import { defaultsOf, localized, uiSchemaFor, uiSchemaOf, withoutEmptyLists } from './schema.ts';
import { interpretingValidator } from './validator.ts';

const schema = {
  type: 'object',
  required: ['subject'],
  properties: {
    subject: {
      type: 'string',
      title: 'Subject',
      'x-title': { en: 'Subject', 'zh-Hant': '主旨' },
      'x-template': true,
    },
    replyTo: { type: 'string', title: 'Reply to' },
    password: { type: ['string', 'object'], title: 'Password', 'x-secret': true },
    port: { type: 'integer', title: 'Port', minimum: 1 },
  },
};

beforeAll(async () => {
  // Mantine's text areas wait for the fonts; happy-dom has none.
  Object.defineProperty(document, 'fonts', { value: new EventTarget() });
  await i18next.use(initReactI18next).init({ lng: 'en', resources: { en: { translation: en } } });
});
afterEach(cleanup);

function show(value: Record<string, unknown>, more: object = {}): ReturnType<typeof vi.fn> {
  const onChange = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <SchemaForm schema={schema} value={value} onChange={onChange} {...more} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  return onChange;
}

describe('a form drawn from a schema', () => {
  it('tells what was written and adds nothing of its own', () => {
    const onChange = show({});

    fireEvent.change(screen.getByLabelText('Reply to'), { target: { value: 'a@b.c' } });

    expect(onChange).toHaveBeenLastCalledWith({ replyTo: 'a@b.c' }, 'root_replyTo');
  });

  it('shows the fault of a field in place of its hint', () => {
    show({}, { faults: { '/subject': 'Say what it is about.' } });

    expect(screen.getByText('Say what it is about.')).toBeDefined();
  });

  it('asks for what is missing before it is sent', () => {
    const onSubmit = vi.fn();
    show({}, { onSubmit, children: <button type="submit">Send</button> });

    fireEvent.click(screen.getByRole('button', { name: 'Send' }));

    expect(screen.getByText('Needed here.')).toBeDefined();
    expect(onSubmit).not.toHaveBeenCalled();
  });

  it('never shows a secret that is kept', () => {
    show({ password: { sealed: true } });

    const field = screen.getByLabelText<HTMLInputElement>('Password');
    expect(field.value).toBe('');
    expect(field.placeholder).toBe('kept; write to replace it');
  });

  it('keeps what it shows until the press that left the field is over', async () => {
    show({}, { chips: ['subject.email'] });
    const field = screen.getByLabelText(/^Subject/);
    fireEvent.focus(field);
    expect(screen.getByText('subject.email')).toBeDefined();

    fireEvent.pointerDown(document.body);
    fireEvent.blur(field);
    expect(screen.queryByText('subject.email')).not.toBeNull();
    fireEvent.pointerUp(document.body);
    await waitFor(() => expect(screen.queryByText('subject.email')).toBeNull());
  });

  it('lets a value be computed by an expression', () => {
    const onChange = show({ replyTo: 'a@b.c' }, { computed: true });

    fireEvent.click(screen.getByRole('button', { name: 'Compute Reply to' }));

    expect(onChange).toHaveBeenLastCalledWith({ replyTo: { cel: '' } }, 'root_replyTo');
  });
});

describe('a form of what no list of fields says', () => {
  const open = {
    type: 'object',
    properties: {
      form: { type: 'object', title: 'Form' },
      headers: { type: 'object', title: 'Headers', additionalProperties: { type: 'string' } },
      equals: { type: ['string', 'number', 'boolean', 'null'], title: 'Equals' },
      outcomes: {
        type: 'array',
        title: 'Outcomes',
        items: { type: 'object', properties: { port: { type: 'string', title: 'Port' } } },
      },
    },
  };
  const more = { schema: open, computed: true, ports: { from: '/outcomes', key: 'port' } };

  function leave(label: string, value: string): void {
    fireEvent.change(screen.getByLabelText(label), { target: { value } });
    fireEvent.blur(screen.getByLabelText(label));
  }

  it('takes JSON over when it is left, and says what is none', () => {
    const onChange = show({}, more);

    leave('Form', '{ "type": ');
    expect(screen.getByText('This is not valid JSON')).toBeDefined();
    expect(onChange).not.toHaveBeenCalled();
    leave('Form', '{ "type": "object" }');

    expect(onChange.mock.lastCall?.[0]).toEqual({ form: { type: 'object' } });
  });

  it('writes names with their values, one of which may be computed', () => {
    const onChange = show({ headers: { accept: 'text/plain', lang: 'en' } }, more);

    leave('Value of accept', 'application/json');
    expect(onChange.mock.lastCall?.[0]).toEqual({
      headers: { accept: 'application/json', lang: 'en' },
    });
    fireEvent.click(screen.getByRole('button', { name: 'Compute lang' }));
    expect(onChange.mock.lastCall?.[0]).toEqual({
      headers: { accept: 'application/json', lang: { cel: '' } },
    });
    fireEvent.click(screen.getByRole('button', { name: 'Remove lang' }));
    expect(onChange.mock.lastCall?.[0]).toEqual({ headers: { accept: 'application/json' } });
  });

  it.each([
    ['approved', 'approved'],
    ['5', 5],
    ['true', true],
    ['"5"', '5'],
  ])('reads %s as it is meant', (text, value) => {
    const onChange = show({}, more);

    leave('Equals', text);

    expect(onChange.mock.lastCall?.[0]).toEqual({ equals: value });
  });

  it('takes the name of a port over when it is whole, as an id', () => {
    const onChange = show({ outcomes: [{ port: 'done' }] }, more);

    fireEvent.change(screen.getByLabelText('Port'), { target: { value: 'Called back' } });
    expect(onChange).not.toHaveBeenCalled();
    fireEvent.keyDown(screen.getByLabelText('Port'), { key: 'Enter' });

    expect(onChange.mock.lastCall?.[0]).toEqual({ outcomes: [{ port: 'called-back' }] });
    expect(screen.queryByRole('button', { name: 'Compute Port' })).toBeNull();
  });

  it('writes a list within an entry, shows what an item is like, and what is wrong with one', () => {
    const again = {
      ...{ type: 'array', minItems: 1, title: 'Try again after' },
      items: { type: 'string', title: 'Duration', examples: ['PT4H', 'P1D'] },
    };
    const ladder = {
      type: 'object',
      properties: {
        outcomes: {
          ...{ type: 'array', title: 'Outcomes' },
          items: { type: 'object', properties: { port: { type: 'string' }, again } },
        },
      },
    };
    const given = (rungs: string[]) => ({ outcomes: [{ port: 'silent', again: rungs }] });
    const faults = { '/outcomes/0/again/1': 'Give one such as PT4H.' };
    const onChange = show(given(['PT4H', '1 day']), { schema: ladder, faults });

    expect(screen.getByText('Try again after')).toBeDefined();
    expect(screen.getByText('Give one such as PT4H.')).toBeDefined();
    expect(screen.getByRole('button', { name: 'Add to Try again after' })).toBeDefined();
    expect(screen.getByRole('button', { name: 'Add' })).toBeDefined();
    const second = screen.getByDisplayValue('1 day');
    expect(second.getAttribute('placeholder')).toBe('PT4H');
    fireEvent.change(second, { target: { value: 'P1D' } });

    expect(onChange.mock.lastCall?.[0]).toEqual(given(['PT4H', 'P1D']));
  });

  it('leaves no empty list behind that may not be empty', () => {
    const list = { type: 'array', minItems: 1, items: { type: 'string' } };
    const schemaOf = (required: string[]) => ({
      type: 'object',
      properties: {
        ...{ kept: { ...list, minItems: 0 }, free: list },
        outcomes: {
          type: 'array',
          items: { type: 'object', required, properties: { again: list } },
        },
      },
    });
    const value = { kept: [], free: [], outcomes: [{ again: [] }, { again: ['P1D'] }] };

    expect(withoutEmptyLists(schemaOf([]), value)).toEqual({
      ...{ kept: [], outcomes: [{}, { again: ['P1D'] }] },
    });
    expect(withoutEmptyLists(schemaOf(['again']), value)).toEqual({
      ...{ kept: [], outcomes: value.outcomes },
    });
  });

  it('puts entries in another order', () => {
    const onChange = show({ outcomes: [{ port: 'one' }, { port: 'two' }] }, more);

    fireEvent.click(screen.getByRole('button', { name: 'Move item 2 up' }));

    expect(onChange.mock.lastCall?.[0]).toEqual({ outcomes: [{ port: 'two' }, { port: 'one' }] });
  });
});

describe('a field with choices', () => {
  const offered = {
    type: 'object',
    properties: { plan: { type: 'string', title: 'Plan', 'x-options': 'plans' } },
  };
  const chooser = { path: '/plugins/insurer/actions/enroll/options', connection: 'one' };
  const pages: Record<string, object> = {
    '': { items: [{ value: 'G', label: 'Gold' }], nextCursor: 'p2' },
    p2: { items: [{ value: 'S', label: 'Silver' }], nextCursor: null },
  };
  const asked: { url: string; body: Record<string, unknown> }[] = [];
  beforeEach(() => {
    asked.length = 0;
    vi.stubGlobal('fetch', (url: string, { body }: { body: string }) => {
      const question = JSON.parse(body) as { cursor?: string; search: string };
      asked.push({ url, body: question });
      const page =
        question.search === 'x'
          ? { items: [], nextCursor: null }
          : (pages[question.cursor ?? ''] ?? {});
      return Promise.resolve(Response.json(page));
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });
  const enter = () => {
    const onChange = show({ plan: 'mine' }, { schema: offered, chooser });
    fireEvent.focus(screen.getByLabelText('Plan'));
    return onChange;
  };

  it('offers what the plugin finds, page by page, and takes the value of what is chosen', async () => {
    const onChange = enter();
    await screen.findByText('Gold');
    expect(asked).toMatchObject([{ url: '/api/v1/plugins/insurer/actions/enroll/options/plans' }]);
    expect(asked[0]?.body).toEqual({ search: '', config: { plan: 'mine' }, connection: 'one' });

    fireEvent.click(screen.getByText('More…'));
    fireEvent.click(await screen.findByText('Silver'));

    expect(onChange.mock.lastCall?.[0]).toEqual({ plan: 'S' });
  });

  it('takes what is typed, and says that nothing is called so', async () => {
    const onChange = enter();

    fireEvent.change(screen.getByLabelText('Plan'), { target: { value: 'x' } });

    expect(onChange.mock.lastCall?.[0]).toEqual({ plan: 'x' });
    expect(await screen.findByText(/Nothing is called so/)).toBeDefined();
  });

  it('says why there are none, and stays a field', async () => {
    vi.stubGlobal('fetch', () =>
      Promise.resolve(
        Response.json({ code: 'channel-failed', detail: 'The insurer is away.' }, { status: 502 }),
      ),
    );
    const onChange = enter();

    expect((await screen.findByRole('alert')).textContent).toContain('The insurer is away.');
    fireEvent.change(screen.getByLabelText('Plan'), { target: { value: 'x' } });
    expect(onChange.mock.lastCall?.[0]).toEqual({ plan: 'x' });
  });

  it('may be a value of the person, where it is a template', async () => {
    const plan = { ...offered.properties.plan, 'x-template': true };
    const onChange = show(
      {},
      { schema: { type: 'object', properties: { plan } }, chooser, chips: ['subject.plan'] },
    );
    fireEvent.focus(screen.getByLabelText('Plan'));

    fireEvent.click(await screen.findByText('subject.plan'));

    expect(onChange.mock.lastCall?.[0]).toEqual({ plan: '{{ subject.plan }}' });
  });

  it('is a plain one where nobody offers any', () => {
    const onChange = show({}, { schema: offered });

    fireEvent.change(screen.getByLabelText('Plan'), { target: { value: 'x' } });

    expect(onChange.mock.lastCall?.[0]).toEqual({ plan: 'x' });
    expect(asked).toEqual([]);
  });
});

describe('what a schema says', () => {
  it('is said in the language on screen', () => {
    expect(localized(schema, 'zh-Hant').properties?.['subject']).toMatchObject({ title: '主旨' });
  });

  it('gives what a form begins with', () => {
    const security = { type: 'string', default: 'starttls' };

    expect(defaultsOf({ properties: { security, host: {} } })).toEqual({ security: 'starttls' });
  });

  it('chooses the widget', () => {
    expect(uiSchemaOf(schema)).toMatchObject({
      subject: { 'ui:widget': 'template' },
      password: { 'ui:widget': 'secret' },
    });
  });

  it('keeps the other fields of an entry that names a port', () => {
    const item = { properties: { port: { type: 'string' }, note: { 'x-multiline': true } } };
    const list = { properties: { outcomes: { type: 'array', items: item } } };

    expect(uiSchemaFor(list, { from: '/outcomes', key: 'port' })).toEqual({
      outcomes: {
        items: { port: { 'ui:widget': 'port' }, note: { 'ui:widget': 'textarea' } },
      },
    });
  });
});

describe('the validator (V1)', () => {
  it('names the field that is missing and the one that is wrong', () => {
    const { errors } = interpretingValidator.validateFormData({ port: 0 }, localized(schema, 'en'));

    expect(errors.map((error) => error.property).sort()).toEqual(['.port', '.subject']);
  });

  it('has nothing to say about what is right', () => {
    const { errors } = interpretingValidator.validateFormData(
      { subject: 'Hello', port: 25 },
      localized(schema, 'en'),
    );

    expect(errors).toEqual([]);
  });
});

describe('putting in a value', () => {
  it.each([
    ['Hello ', 6, 'Hello {{ subject.name }}'],
    ['Hello {', 7, 'Hello {{ subject.name }}'],
    ['Hello {{ ', 9, 'Hello {{ subject.name }}'],
    ['{{ entry.a }}!', 5, '{{ entry.a }}{{ subject.name }}!'],
  ])('makes of %o', (text, at, expected) => {
    expect(insertValue(text, at, at, 'subject.name').text).toBe(expected);
  });
});
