// `npm run new-plugin`: makes the clone ready, then asks what the plugin is to be and writes it.
import { prepare } from './prepare.mjs';

await prepare();
process.argv.splice(2, 0, 'plugin', 'new');
await import('../platform/cli/bin/sojourn.mjs');
