import { Marked } from 'marked';

// What a body becomes: HTML, and the text of it.
//
//   C1. No link leaves with a scheme other than http, https, mailto or tel: its words stay, its address goes.
//   C2. An address is decoded once, looked at, and written back escaped: what is checked, tracked and sent is the same.

const schemes = new Set(['http', 'https', 'mailto', 'tel']);

// In code Markdown decodes nothing, and would show the entities that a rendered value is made of.
const markdown = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    code: ({ text }) => `<pre><code>${escaped(decoded(text))}\n</code></pre>\n`,
    codespan: ({ text }) => `<code>${escaped(decoded(text))}</code>`,
  },
});

/** The HTML of a body, which is Markdown unless it begins with a tag; every link of it may leave (C1). */
export function toHtml(body: string): string {
  const html = body.trimStart().startsWith('<') ? body : markdown.parse(body, { async: false });
  return withAddresses(readable(html), (target) => target);
}

/** The HTML with every web address that a person can follow replaced by what `click` makes of it. */
export function trackedBy(html: string, click: (target: string) => string): string {
  return withAddresses(html, (target, of) =>
    of === 'a' && /^https?:/i.test(target) ? click(target) : target,
  );
}

/** The text of HTML for readers without it: links keep their addresses. */
export function toText(html: string): string {
  const text = html
    .replace(/<(style|script)\b[^]*?<\/\1>/gi, '')
    .replace(/<a\b[^>]*?\bhref="([^"]*)"[^>]*>([^]*?)<\/a>/gi, (_, url: string, label: string) => {
      const name = label.replace(/<[^>]+>/g, '').trim();
      return name === '' || decoded(name) === decoded(url) ? url : `${name} (${url})`;
    })
    .replace(/<li\b[^>]*>/gi, '- ')
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<\/(p|div|h[1-6]|li|tr|ul|ol|blockquote)>/gi, '\n')
    .replace(/<[^>]+>/g, '');
  return decoded(text)
    .replaceAll('\u00a0', ' ')
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** A text as HTML, between tags or within the quotes of an attribute. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

// Matches whatever follows, to the end of the text if need be, so that it never looks at one place twice.
const tag = /<([a-z][^\s/>]*)(?:"[^"]*(?:"|$)|'[^']*(?:'|$)|[^'">])*(?:>|$)/gi;
const attribute = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)))?/g;
const entity = /&(?:#(\d+)|#x([0-9a-f]+)|(amp|lt|gt|quot|apos|nbsp));/gi;
const characters: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
};

/** The HTML with every address decoded, checked, given to `change` with the tag it stands in, and escaped again (C2). */
function withAddresses(html: string, change: (target: string, of: string) => string): string {
  return html.replace(tag, (whole: string, of: string) =>
    whole.replace(attribute, (part: string, name: string, ...values: (string | undefined)[]) => {
      const value = values.slice(0, 3).find((given) => given !== undefined);
      if (value === undefined || !/(^|:)href$/i.test(name)) return part;
      const target = decoded(value).trim();
      return mayLeave(target) ? `${name}="${escaped(change(target, of.toLowerCase()))}"` : '';
    }),
  );
}

/** Whether an address has no scheme or one that is allowed (C1). Readers skip blanks and control characters in it. */
function mayLeave(target: string): boolean {
  const scheme = /^([^/?#:]*):/.exec(target.replace(/[\u0000-\u0020]/g, ''))?.[1];
  return scheme === undefined || schemes.has(scheme.toLowerCase());
}

/** The HTML with the punctuation of its text, but not of its tags, as people write it. */
function readable(html: string): string {
  return html.replace(new RegExp(`${tag.source}|${entity.source}`, 'gi'), (part) =>
    part.startsWith('&#') ? escaped(decoded(part)) : part,
  );
}

function decoded(text: string): string {
  return text.replace(entity, (_, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return characters[name.toLowerCase()] ?? '';
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  });
}
