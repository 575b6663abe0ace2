import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { startServers, type Servers } from '../support/servers.ts';
import { benchAsleep } from './asleep.ts';
import { benchChannels } from './channels.ts';
import { benchEngine } from './engine.ts';
import { benchReference } from './reference.ts';
import { benchStack } from './stack.ts';
import { benchUnderEvents, type Latencies } from './under-events.ts';

// Ratios in one run are what counts: machines and their other load differ. `npm run bench -- engine reference asleep stack events channels`
// picks.

const say = (line: string): void => console.log(line);
const chosen = process.argv.slice(2);
const wanted = (name: string): boolean => chosen.length === 0 || chosen.includes(name);
const figures: Record<string, unknown> = {
  at: new Date().toISOString(),
  node: process.version,
  machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
};
const directory = new URL('../../bench-results/', import.meta.url);

/** Writes a part's figures as soon as they are there: a later part may break. */
async function keep(part: string, measured: unknown): Promise<void> {
  figures[part] = measured;
  await mkdir(directory, { recursive: true });
  await writeFile(new URL('latest.json', directory), `${JSON.stringify(figures, undefined, 2)}\n`);
}

/** Measures on servers of its own: what an earlier part left behind would be measured, too. */
async function onServers<Answer>(measure: (servers: Servers) => Promise<Answer>): Promise<Answer> {
  const servers = await startServers();
  try {
    return await measure(servers);
  } finally {
    await servers.stop();
  }
}

if (wanted('engine')) {
  say('The engine, on one core');
  const engine = await benchEngine(100_000);
  await keep('engine', engine);
  const { people, seconds, cpuSeconds, quarterMiB, endMiB, stepsEntered } = engine.simulation;
  say(
    `  transitions              ${engine.transition.toLocaleString('en')} a second (at least 250,000)`,
  );
  say(`  2,000 steps compile in   ${engine.compile.toFixed(0)} ms (at most 200)`);
  say(
    `  ${people.toLocaleString('en')} people, a year   ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU (at most 60), ${stepsEntered.toLocaleString('en')} steps entered`,
  );
  say(
    `  heap                     ${quarterMiB.toFixed(1)} MiB after a quarter of them, ${endMiB.toFixed(1)} MiB at the end`,
  );
}
if (wanted('reference')) {
  say('Reference journey, ours against the same written by hand');
  const reference = await onServers((servers) => benchReference(servers, say));
  await keep('reference', reference);
  say(
    `  history events           ${reference.historyEvents} (by hand ${reference.handWrittenEvents}; at most 24)`,
  );
  say(
    `  worker CPU, ratio        ${reference.cpuRatioMedian.toFixed(3)} (median of ${reference.cpuRatios.length} pairs; at most 1.15)`,
  );
  say(
    `  worker CPU a run         ${reference.cpuMsOurs.toFixed(2)} ms (by hand ${reference.cpuMsHandWritten.toFixed(2)} ms)`,
  );
  say(
    `  throughput, ratio        ${reference.throughputRatio.toFixed(3)} (${reference.throughputOurs.toFixed(1)} runs a second, by hand ${reference.throughputHandWritten.toFixed(1)}; at least 0.8)`,
  );
  say(`  CPU, 100 to 50 in flight ${reference.cpuRatioHundredToFifty.toFixed(3)} (at most 1.1)`);
}
if (wanted('asleep')) {
  say('One more person asleep');
  const asleep = await onServers((servers) => benchAsleep(servers, [1_000, 10_000], say));
  await keep('asleep', asleep);
  for (const { people, wakeCpuMs, ...bytes } of asleep) {
    say(`  ${people.toLocaleString('en')} asleep`);
    say(
      `    bytes a person, ours   ${bytes.storeBytes} (at most 4,096); trail ${bytes.trailBytes}, effects, inbox, person and key ${bytes.otherBytes}`,
    );
    say(`    bytes, Temporal        ${bytes.temporalBytes}`);
    const cpu = (ms: number | undefined): string => (ms === undefined ? '?' : ms.toFixed(1));
    say(
      `    CPU to wake            ${cpu(wakeCpuMs.worker)} ms worker, ${cpu(wakeCpuMs.temporal)} Temporal, ${cpu(wakeCpuMs.mongod)} MongoDB`,
    );
  }
}
if (wanted('stack')) {
  const stack = await benchStack(20_000);
  await keep('stack', stack);
  say('The embedded stack, by `npm start`');
  say(
    `  first start              ${(stack.firstStartMs / 1_000).toFixed(1)} s (with the demo), next ${(stack.nextStartMs / 1_000).toFixed(1)} s (at most 5)`,
  );
  say(`  resident memory, idle    ${stack.residentTotalMiB.toFixed(0)} MiB (at most 600)`);
  for (const [name, value] of Object.entries(stack.residentMiB))
    say(`    ${name.padEnd(32)} ${value} MiB`);
}
if (wanted('events')) {
  say('The embedded stack under events: 5 a second that wake a run, 50 that concern nobody');
  const events = await benchUnderEvents({ quietSeconds: 60, bulkPeople: 5_000 }, say);
  await keep('underEvents', events);
  const words = ({ count, p50, p99, most }: Latencies): string =>
    `p50 ${p50} ms, p99 ${p99} ms, most ${most} ms, of ${count}`;
  say(`  to the action            ${words(events.quiet.toAction)} (p99 at most 2,000)`);
  say(`  to the exit              ${words(events.quiet.toExit)} (at most 5,000)`);
  const { people, seconds } = events.bulk;
  say(`  while ${people.toLocaleString('en')} enter in bulk, in ${seconds.toFixed(0)} s:`);
  say(`  to the action            ${words(events.duringBulk.toAction)} (p99 at most 2,000)`);
  say(`  to the exit              ${words(events.duringBulk.toExit)} (at most 5,000)`);
}
if (wanted('channels')) {
  say('Channels: a connection of five sends a second, and callbacks');
  const { limited, callbacks } = await benchChannels(30, say);
  await keep('channels', { limited, callbacks });
  say(
    `  ${limited.sends} sends, ${limited.perSecond} a second   ${limited.seconds.toFixed(1)} s (18 to 22); through another connection meanwhile ${limited.othersSeconds.toFixed(1)} s`,
  );
  say(
    `  callbacks, ${callbacks.perSecond} a second  p50 ${callbacks.p50.toFixed(1)} ms, p99 ${callbacks.p99.toFixed(1)} ms (at most 50), most ${callbacks.most.toFixed(1)} ms, of ${callbacks.count}`,
  );
  const { p50, p99, most, count } = callbacks.disk;
  say(
    `  the disk alone meanwhile p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, most ${most.toFixed(1)} ms, of ${count} flushes`,
  );
}
say('Written to bench-results/latest.json');
