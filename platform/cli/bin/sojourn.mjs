#!/usr/bin/env -S node --v8-pool-size=1 --always-sparkplug --max-semi-space-size=8 --expose-gc
// One helper for the garbage collector, which takes four by itself: on two cores those keep everybody waiting for a tenth of a second.
// Code is compiled when it first runs, not when it has run often: whoever asks first after a start waits no longer than the next.
// That takes memory, which is given back: less room for what is new, and a collection when the start is over.
// `npm start` has the same in package.json.
// Time zones are always named, never the machine's: whatever forgets to name one must not depend on where it runs.
process.env['SOJOURN_TIME_ZONE'] ??= Intl.DateTimeFormat().resolvedOptions().timeZone;
process.env['TZ'] = 'UTC';
const { main } = await import('../dist/index.js');
const words = process.argv.slice(2);
// At once: Temporal's native runtime would keep the process long after its work is done.
process.exit(
  await main(
    words.length === 0 && process.env['npm_lifecycle_event'] === 'start' ? ['start'] : words,
  ),
);
