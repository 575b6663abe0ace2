import { page } from './page.ts';

/** The page that shows the API to people. Its script is its own file: the content policy allows no other. */
export const readerPage = page({
  language: 'en',
  title: 'Sojourn API',
  head: `<style>
body { display: block; } main { max-width: 60rem; margin: 1.5rem auto; }
details { border-top: 1px solid #e2e7e8; padding: .5rem 0; } summary { cursor: pointer; }
code, pre { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; }
pre { overflow: auto; padding: .75rem; border-radius: 8px; background: rgba(127, 127, 127, .12); }
.method { display: inline-block; min-width: 4.2em; font-weight: 700; text-transform: uppercase; }
h2 { margin: 2rem 0 .5rem; font-size: 1.05rem; } input { font: inherit; width: 100%; padding: .5rem; box-sizing: border-box; }
</style>`,
  body: `<h1>Sojourn API</h1>
<p>Made from the schemas that requests are checked against. The document for programs: <a href="/api/v1/openapi.json">openapi.json</a>.</p>
<p><input id="find" type="search" aria-label="Find a call" placeholder="Find a call"></p>
<div id="calls" aria-live="polite">Loading …</div>
<script src="/docs/reader.js" defer></script>`,
});

/** What the page does: fetches the document and lays it out. */
export const readerScript = `'use strict';
const calls = document.getElementById('calls');
const find = document.getElementById('find');

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className !== undefined) made.className = className;
  return made;
}

function expanded(schema, all, depth) {
  if (schema === null || typeof schema !== 'object') return schema;
  if (Array.isArray(schema)) return schema.map((item) => expanded(item, all, depth));
  const name = typeof schema.$ref === 'string' ? schema.$ref.split('/').pop() : undefined;
  if (name !== undefined) return depth > 3 ? { $ref: name } : expanded(all[name] ?? {}, all, depth + 1);
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, expanded(value, all, depth)]));
}

function block(title, schema, all) {
  const made = document.createDocumentFragment();
  made.append(element('p', title), element('pre', JSON.stringify(expanded(schema, all, 0), null, 2)));
  return made;
}

function callOf(method, path, operation, all) {
  const made = element('details');
  const head = element('summary');
  head.append(element('span', method, 'method'), element('code', path), document.createTextNode('  ' + operation.summary));
  made.append(head);
  made.dataset.words = (method + ' ' + path + ' ' + operation.summary).toLowerCase();
  made.addEventListener('toggle', () => {
    if (!made.open || made.dataset.filled) return;
    made.dataset.filled = 'yes';
    for (const parameter of operation.parameters ?? [])
      made.append(element('p', parameter.in + ' · ' + parameter.name + (parameter.description ? ': ' + parameter.description : '')));
    for (const [type, { schema }] of Object.entries(operation.requestBody?.content ?? {})) made.append(block('Body, ' + type, schema, all));
    for (const [status, answer] of Object.entries(operation.responses)) {
      const schema = Object.values(answer.content ?? {})[0]?.schema;
      if (status === 'default') continue;
      if (schema) made.append(block('Answer ' + status, schema, all));
      else made.append(element('p', 'Answer ' + status));
    }
  });
  return made;
}

async function show() {
  const api = await (await fetch('/api/v1/openapi.json')).json();
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(callOf(method, path, operation, api.components.schemas));
    }
  calls.replaceChildren();
  for (const [tag, made] of groups) {
    const section = element('section');
    section.append(element('h2', tag), ...made);
    calls.append(section);
  }
}

find.addEventListener('input', () => {
  const wanted = find.value.toLowerCase();
  for (const made of calls.querySelectorAll('details')) made.hidden = !made.dataset.words.includes(wanted);
});
show().catch((error) => { calls.textContent = 'The document cannot be read: ' + error.message; });
`;
