// `npm start`: makes the clone ready, then starts everything in this process.
import { prepare } from './prepare.mjs';

await prepare();
await import('../platform/cli/bin/sojourn.mjs');
