// The compiler does not emit the generated plain JavaScript: put it beside what imports it.
import { cp, mkdir } from 'node:fs/promises';

const from = new URL('../src/generated/', import.meta.url);
const to = new URL('../dist/generated/', import.meta.url);
await mkdir(to, { recursive: true });
for (const name of ['validators.js', 'validators.d.ts'])
  await cp(new URL(name, from), new URL(name, to));
