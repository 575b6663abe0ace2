// `npm test`: makes the clone ready, then every check and every test; ends with `N passed, N failed`.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

const results = join(root, 'test-results');
const bin = (path) => join(root, 'node_modules', path);
const quickOnly = process.argv.includes('--quick');

/** Each check counts as one; each vitest project counts its tests. */
const checks = [
  {
    name: 'format',
    args: [bin('prettier/bin/prettier.cjs'), '--check', '--cache', '--log-level', 'warn', '.'],
  },
  { name: 'types', args: [bin('typescript/bin/tsc'), '-b'] },
  {
    name: 'lint',
    args: [
      bin('eslint/bin/eslint.js'),
      '--cache',
      '--cache-location',
      'node_modules/.cache/eslint/',
      '.',
    ],
  },
  {
    name: 'boundaries',
    args: [
      bin('dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      'schemas',
      'workflows',
      'plugins',
      'platform',
      'builder-ui',
      'test',
    ],
  },
  { name: 'unused', args: [bin('knip/bin/knip.js')] },
];

await prepare();
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
let passed = 0;
let failed = 0;
// Lint takes as long as all the others together: two lanes, one a core.
const [lint, rest] = [
  checks.filter(({ name }) => name === 'lint'),
  checks.filter(({ name }) => name !== 'lint'),
];
for (const ok of (await Promise.all([inTurn(lint), inTurn(rest)])).flat()) {
  if (ok) passed += 1;
  else failed += 1;
}
await test('quick');
if (!quickOnly) {
  await test('contract');
  await test('whole'); // a browser, three servers and a worker are enough for two cores
  await test('long');
}
const line = `${passed} passed, ${failed} failed`;
writeFileSync(join(results, 'summary.txt'), `${line}\n`);
console.log(line);
process.exitCode = failed === 0 ? 0 : 1;

/** Runs the tests of one project and counts them. */
async function test(project) {
  const file = join(results, `${project}.json`);
  const args = [
    bin('vitest/vitest.mjs'),
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ];
  const code = await run(`tests, ${project}`, args);
  const counts = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 1, numFailedTestSuites: 1 };
  passed += counts.numPassedTests;
  failed += counts.numFailedTests;
  if (code !== 0 && counts.numFailedTests === 0) failed += 1; // a file that could not even be loaded
}

/** Runs checks one after the other; each prints when it has ended, so that two lanes do not mix. */
async function inTurn(some) {
  const answers = [];
  for (const { name, args } of some) answers.push((await run(name, args, 'together')) === 0);
  return answers;
}

async function run(name, args, output = 'at once') {
  const began = Date.now();
  const together = output === 'together';
  if (!together) console.log(`── ${name}`);
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: together ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    env: { ...process.env, TZ: process.env.TZ ?? 'UTC' },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (text !== '') console.log(text.trimEnd());
  console.log(
    `── ${name}: ${code === 0 ? 'passed' : 'failed'} after ${((Date.now() - began) / 1000).toFixed(1)} s`,
  );
  return code;
}
