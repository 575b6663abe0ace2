import Marked, { type MarkdownToJSX } from 'markdown-to-jsx/react';
import { Fragment, type ReactNode } from 'react';

//   M1. Text is text: HTML in it is shown as it is written. Elements are made by React, so that nothing in it can run.
//   M2. Nothing is fetched by looking: a picture is only named.
//   M3. A link leads out: only to the web, an address or a number.

/** Markdown that somebody wrote, as elements (M1). */
export function Markdown({ text }: { text: string }) {
  return (
    <div className="markdown">
      <Marked options={options}>{text}</Marked>
    </div>
  );
}

const options: MarkdownToJSX.Options = {
  disableParsingRawHTML: true,
  forceBlock: true,
  wrapper: Fragment,
  overrides: {
    img: ({ alt }: { alt?: string }) => <span>{alt}</span>, // M2
    a: ({ href, children }: { href?: string; children?: ReactNode }) =>
      href !== undefined && /^(https?:|mailto:|tel:)/i.test(href) ? (
        <a href={href} target="_blank" rel="noopener noreferrer">
          {children}
        </a>
      ) : (
        <span>{children}</span>
      ), // M3
    // The page has its own headings above: those of a text come below them.
    ...Object.fromEntries(
      ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((tag) => [tag, { component: 'h4' }]),
    ),
  },
};
