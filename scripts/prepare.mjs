// Makes a fresh clone ready: checks Node, installs what is missing or stale, builds what is stale. Needs nothing but Node
// and npm. `npm start`, `npm test` and `npm run bench` begin with it.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const leastNode = [20, 19];
const packages = [
  'schemas',
  'workflows/engine',
  'workflows/temporal',
  'plugins/kit',
  'plugins/email',
  'plugins/http',
  'plugins/rep-visit',
  'plugins/sms',
  'plugins/insurance-enrollment',
  'plugins/pharmacy-delivery',
  'plugins/task',
  'platform/store',
  'platform/api',
  'platform/stack',
  'platform/cli',
  'builder-ui',
];
const installedStamp = join(root, 'node_modules/.sojourn-installed');
const builtStamp = join(root, 'node_modules/.sojourn-built');

/** Checks, installs and builds; says what it does when it takes long. */
export async function prepare() {
  checkNode();
  await installWhenStale();
  await buildWhenStale();
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1])) return;
  console.error(
    `Sojourn needs Node ${leastNode.join('.')} or newer; this is ${process.versions.node}. Install it from https://nodejs.org, then try again.`,
  );
  process.exit(1); // nothing after this could run on that Node
}

async function installWhenStale() {
  const wanted = digest(readFileSync(join(root, 'package-lock.json')));
  if (read(installedStamp) === wanted) return;
  // `npm ci` begins by removing what is there: for a clone that only became stale, adding is enough.
  const how = existsSync(join(root, 'node_modules')) ? 'install' : 'ci';
  await step('Installing dependencies', 'npm', [how, '--no-audit', '--no-fund']);
  writeFileSync(installedStamp, wanted);
}

async function buildWhenStale() {
  const wanted = sourcesDigest();
  if (read(builtStamp) === wanted && existsSync(join(root, 'builder-ui/dist/web/index.html')))
    return;
  const node = process.execPath;
  await step('Compiling', node, ['node_modules/typescript/bin/tsc', '-b', 'platform/cli']);
  await step('Copying validators', node, ['schemas/scripts/copy-validators.mjs']);
  await step('Bundling the workflow', node, ['workflows/temporal/scripts/bundle.mjs']);
  await step(
    'Building the web app',
    node,
    ['../node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'],
    { cwd: join(root, 'builder-ui') },
  );
  mkdirSync(dirname(builtStamp), { recursive: true });
  writeFileSync(builtStamp, wanted);
}

/** What the build depends on: path, size and time of every source file, and the lockfile. */
function sourcesDigest() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  const visit = (path) => {
    const stats = statSync(path);
    if (stats.isDirectory()) {
      for (const name of readdirSync(path).sort())
        if (name !== 'node_modules' && name !== 'dist') visit(join(path, name));
    } else if (!path.includes('.test.')) {
      hash.update(`${relative(root, path)} ${stats.size} ${stats.mtimeMs}\n`);
    }
  };
  for (const name of packages) visit(join(root, name));
  visit(join(root, 'tsconfig.base.json'));
  return hash.digest('hex');
}

const digest = (content) => createHash('sha256').update(content).digest('hex');
const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

/** Runs one step; shows what it is and how long it has taken, and its output only when it fails. */
export async function step(title, command, args, options = {}) {
  const began = Date.now();
  const seconds = () => ((Date.now() - began) / 1000).toFixed(0);
  const isTerminal = process.stdout.isTTY;
  process.stdout.write(`${title} …${isTerminal ? '' : '\n'}`);
  const ticker = isTerminal
    ? setInterval(() => process.stdout.write(`\r${title} … ${seconds()} s`), 1000)
    : undefined;
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32' && command === 'npm',
    ...options,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  clearInterval(ticker);
  process.stdout.write(
    `${isTerminal ? '\r' : ''}${title}: ${code === 0 ? 'done' : 'failed'} after ${seconds()} s\n`,
  );
  if (code === 0) return;
  process.stderr.write(
    `${output}\n'${[command, ...args].join(' ')}' failed with code ${code}: see above.\n`,
  );
  process.exit(1); // nothing is checked or started on half a clone
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await prepare();
