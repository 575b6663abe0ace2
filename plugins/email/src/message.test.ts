import { renderConfig, type JsonObject } from '@sojourn/plugin-kit';
import { describe, expect, it } from 'vitest';
import { composeMessage, type Message, type SendConfig } from './message.ts';
import { sendConfig } from './schemas.ts';

const url = 'https://ok.example/?a=1&b=2';

/** The message that a step's `with` becomes for somebody, and the targets that were tracked. */
function mail(
  given: JsonObject,
  attributes: JsonObject = {},
): { message: Message; clicks: string[]; content: string } {
  const config = renderConfig({ subject: 'S', ...given }, sendConfig, {
    scope: { subject: attributes },
    evaluate: () => null,
  });
  const clicks: string[] = [];
  const message = composeMessage(config as unknown as SendConfig, {
    address: 'ada@example.org',
    settings: { from: 'care@clinic.example' },
    ...{ idempotencyKey: 'r/m#1', now: 0 },
    links: {
      click: (target) => `https://t.example/?n=${clicks.push(target)}&c`,
      open: () => 'https://t.example/o',
      unsubscribe: () => 'https://t.example/u',
    },
  });
  const content = /sans-serif">([^]*?)<p style=/.exec(message.html)?.[1]?.trim() ?? '';
  return { message, clicks, content };
}
const textOf = ({ message }: { message: Message }) => message.text.split('\n\n--\n')[0];

describe('an attribute in a body', () => {
  it('is shown as it is, and plants neither link nor markup (C1)', () => {
    const givenName = '[a](javascript:alert(1)) **b** <script>';

    const made = mail({ body: 'Hello {{ subject.givenName }}!' }, { givenName });

    expect(made.content).toBe('<p>Hello [a](javascript:alert(1)) **b** &lt;script&gt;!</p>');
    expect(textOf(made)).toBe(`Hello ${givenName}!`);
  });

  it.each([
    'https://evil.example',
    'www.evil.example',
    'me@evil.example',
    '<https://evil.example>',
  ])('makes no link of %s by itself', (v) => {
    expect(mail({ body: 'See {{ subject.v }} now' }, { v }).content).not.toContain('href');
  });

  it('is escaped once, and exact in the text', () => {
    const made = mail({ body: 'See {{ subject.u }}' }, { u: url });

    expect(made.content).toBe('<p>See https://ok.example/?a=1&amp;b=2</p>');
    expect(textOf(made)).toBe(`See ${url}`);
  });

  it('is readable in HTML and text: a date stays a date, in code too', () => {
    const body = 'On {{ subject.due }}, `{{ subject.due }}`\n\n    {{ subject.due }}';
    const made = mail({ body }, { due: '2026-11-09' });

    expect(made.content).toContain('On 2026-11-09, <code>2026-11-09</code>');
    expect(made.content).toContain('<pre><code>2026-11-09\n');
    expect(textOf(made)).toContain('On 2026-11-09, 2026-11-09');
  });

  it('adds no attribute to a tag, quoted or not', () => {
    const { content } = mail({ body: '<p class={{ subject.v }}>x</p>' }, { v: 'a onclick=b' });

    expect(content).not.toContain('onclick=');
  });
});

describe('a link', () => {
  it.each([
    ['Markdown', '[x]({{ subject.u }})'],
    ['HTML', '<p><a href="{{ subject.u }}">x</a></p>'],
    ['HTML in other quotes', "<p><a class=b HREF = '{{ subject.u }}'>x</a></p>"],
    ['HTML without quotes', '<p><a/href={{ subject.u }}>x</a></p>'],
  ])('from an attribute in %s goes to exactly what it says (C2)', (_, body) => {
    const tracked = mail({ body }, { u: url });
    const untracked = mail({ body, track: false }, { u: url });

    expect(tracked.clicks).toEqual([url]);
    expect(tracked.content).toMatch(/href="https:\/\/t\.example\/\?n=1&amp;c"/i);
    expect(untracked.content).toMatch(/href="https:\/\/ok\.example\/\?a=1&amp;b=2"/i);
    expect(textOf(tracked)).toBe(`x (${url})`);
  });

  it('that an author wrote is decoded once', () => {
    const body = '<a href="https://ok.example/?a=1&amp;b=&#x32;&lt=3&amp;amp;">x</a>';

    expect(mail({ body }).clicks).toEqual(['https://ok.example/?a=1&b=2&lt=3&amp;']);
  });

  it.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    ' java\nscript:alert(1)',
    '&#106;avascript&#58;alert(1)',
    'data:text/html,x',
    'vbscript:x',
  ])('to %j loses its address and keeps its words (C1)', (target) => {
    const made = mail({ body: `<p><a href="${target}">pay <b>here</b></a></p>` });
    const written = mail({ body: '<p><a href="{{ subject.u }}">pay</a></p>' }, { u: target });

    for (const { content, clicks } of [made, written]) {
      expect(content).not.toMatch(/href="(?!&amp;)/);
      expect(clicks).toEqual([]);
    }
    expect(textOf(made)).toBe('pay here');
  });

  it.each(['mailto:care@clinic.example', 'tel:+886212345', '#below', '/relative'])(
    'to %s stays, untracked',
    (target) => {
      const { content, clicks } = mail({ body: `<a href="${target}">x</a>` });

      expect(content).toBe(`<a href="${target}">x</a>`);
      expect(clicks).toEqual([]);
    },
  );
});

describe('the addresses of a step', () => {
  it('are templates of plain text', () => {
    const attributes = { mail: "o'neil-b@clinic.example", nurse: 'a.b@clinic.example' };
    const { message } = mail(
      { body: 'x', to: '{{ subject.mail }}', replyTo: '{{ subject.nurse }}' },
      attributes,
    );

    expect(message).toMatchObject({ to: attributes.mail, replyTo: attributes.nurse });
  });
});
