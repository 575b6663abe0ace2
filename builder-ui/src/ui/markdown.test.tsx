// @vitest-environment happy-dom
import { cleanup, render } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { Markdown } from './Markdown.tsx';

afterEach(cleanup);
const shown = (text: string): HTMLElement => render(<Markdown text={text} />).container;

describe('Markdown that somebody wrote', () => {
  it('is shown as elements, below the headings of the page', () => {
    const page = shown('# First\n\nSay **who** you are.\n\n1. Ask\n2. Listen');

    expect(page.querySelector('h4')?.textContent).toBe('First');
    expect(page.querySelector('strong')?.textContent).toBe('who');
    expect(page.querySelectorAll('ol > li')).toHaveLength(2);
    expect(page.querySelector('h1')).toBeNull();
  });

  it.each([
    '<img src=x onerror=alert(1)>',
    '<script>alert(1)</script>',
    'Hello <b onclick="alert(1)">you</b>',
    '<iframe src="https://example.org"></iframe>',
    '<style>body { display: none }</style>',
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  ])('shows %s as text (M1)', (text) => {
    const page = shown(text);

    expect(page.querySelector('img, script, b, iframe, style, svg, [onclick], [onerror]')).toBe(
      null,
    );
    expect(page.textContent).toContain('<');
  });

  it('names a picture and does not fetch it (M2)', () => {
    const page = shown('![A pill](https://example.org/pill.png)');

    expect(page.querySelector('img')).toBeNull();
    expect(page.textContent).toBe('A pill');
  });

  it.each([
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '/runs',
  ])('leads nowhere by %s (M3)', (target) => {
    expect(shown(`[here](${target})`).querySelector('a')).toBeNull();
  });

  it('leads out in a page of its own that knows nothing of this one (M3)', () => {
    const link = shown('[here](https://example.org)').querySelector('a');

    expect([link?.getAttribute('href'), link?.target, link?.rel]).toEqual([
      ...['https://example.org', '_blank', 'noopener noreferrer'],
    ]);
  });

  it('reads what was written as a letter as that letter', () => {
    const page = shown('Ada &#42;Lovelace&#42; &amp; Co');

    expect(page.textContent).toBe('Ada *Lovelace* & Co');
    expect(page.querySelector('em')).toBeNull();
  });
});
