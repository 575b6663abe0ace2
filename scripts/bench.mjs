// `npm run bench`: makes the clone ready, then measures; prints the figures and writes them to bench-results/.
import { spawn } from 'node:child_process';
import { prepare, root } from './prepare.mjs';

await prepare();
const args = [
  '--v8-pool-size=1', // as Sojourn itself: who measures takes no core away from what is measured
  '--import',
  'tsx',
  '--conditions=@sojourn/source',
  'test/bench/main.ts',
  ...process.argv.slice(2),
];
const child = spawn(process.execPath, args, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, TZ: 'UTC' },
});
process.exitCode = await new Promise((resolve) => child.on('close', resolve));
