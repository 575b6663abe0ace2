/** A text as it may stand in HTML. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A small page of our own. `head` and `body` are HTML. */
export function page(options: {
  language: string;
  title: string;
  head?: string;
  body: string;
}): string {
  const { language, title, head = '', body } = options;
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${escapeHtml(title)}</title>${head}
<style>
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #f6f7f7; color: #172024;
  font: 16px/1.55 -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang TC', 'Microsoft JhengHei', sans-serif; }
main { max-width: 30rem; margin: 1.5rem; padding: 2rem; background: #fff; border: 1px solid #e2e7e8; border-radius: 12px; }
h1 { margin: 0 0 .5rem; font-size: 1.25rem; } p { margin: 0 0 1rem; } p:last-child { margin: 0; }
button { font: inherit; font-weight: 600; padding: .6rem 1.2rem; border: 0; border-radius: 8px; background: #0b6e69; color: #fff; cursor: pointer; }
button:focus-visible, a:focus-visible { outline: 3px solid #7cc7c2; outline-offset: 2px; }
@media (prefers-color-scheme: dark) { body { background: #101617; color: #e6ecec; } main { background: #182021; border-color: #2a3536; } a { color: #7cc7c2; } }
</style></head><body><main>${body}</main></body></html>`;
}
