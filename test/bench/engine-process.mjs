// Measures the engine as it is built, in a process of its own: what runs sources as they are makes them slower.
// node test/bench/engine-process.mjs <people> → one line of JSON
import { readFileSync } from 'node:fs';
import { compile, initialState, nextWakeAt, transition } from '@sojourn/engine';
import { simulating } from '@sojourn/engine/simulation';
import { shippedRegistry } from '@sojourn/stack';

const environment = {
  manifests: shippedRegistry().manifests(),
  timeZone: 'UTC',
  now: Date.parse('2026-11-24T00:00:00Z'),
};
const people = Number(process.argv[2] ?? 100_000);
const shipped = (name) =>
  JSON.parse(readFileSync(new URL(`../../schemas/journeys/${name}.json`, import.meta.url), 'utf8'));
console.log(
  JSON.stringify({
    transition: transitionsPerSecond(),
    compile: compileMs(2_000),
    simulation: simulation(people),
  }),
);

function planOf(document) {
  const { plan, diagnostics } = compile(document, environment);
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Transitions of the reference journey (e-mail, wait, split, e-mail, end), each from a fresh run to its end. */
function transitionsPerSecond() {
  const mail = {
    kind: 'action',
    uses: 'email/send',
    purpose: 'support',
    with: { subject: 'Hi {{ subject.givenName }}', body: 'Hello' },
  };
  const plan = planOf({
    format: 1,
    key: 'reference',
    name: 'Reference',
    subject: 'patient',
    entry: [{ on: 'manual' }],
    start: 'one',
    steps: {
      one: mail,
      pause: { kind: 'wait', for: [{ port: 'over', after: 'PT1S' }] },
      arms: {
        kind: 'split',
        arms: [
          { port: 'a', weight: 1 },
          { port: 'b', weight: 1 },
        ],
      },
      two: mail,
      other: mail,
      end: { kind: 'end', outcome: 'done' },
    },
    edges: [
      { from: 'one', port: 'sent', to: 'pause' },
      { from: 'pause', port: 'over', to: 'arms' },
      { from: 'arms', port: 'a', to: 'two' },
      { from: 'arms', port: 'b', to: 'other' },
      { from: 'two', port: 'sent', to: 'end' },
      { from: 'other', port: 'sent', to: 'end' },
    ],
  });
  let count = 0;
  const walk = (key) => {
    const at = 1_800_000_000_000;
    const subject = { type: 'patient', key, attributes: { givenName: 'Ada' } };
    let state = initialState(plan, { runId: key, key, subject, entry: {}, at });
    const give = (event) => {
      const next = transition(plan, state, event);
      state = next.state;
      count += 1;
      return next.effects;
    };
    const settle = (effects) =>
      give({
        type: 'effect.settled',
        at: state.at,
        effect: effects[0].effect,
        outcome: 'sent',
        output: {},
      });
    settle(give({ type: 'run.started', at }));
    settle(give({ type: 'timer.fired', at: nextWakeAt(state) }));
    if (state.status !== 'ended') throw new Error('the reference journey did not end');
  };
  for (let index = 0; index < 20_000; index += 1) walk(`w${index}`);
  count = 0;
  const before = cpuMs();
  for (let index = 0; index < 100_000; index += 1) walk(`p${index}`);
  return Math.round(count / ((cpuMs() - before) / 1_000));
}

/** The median of five compilations of a plan with so many steps. */
function compileMs(size) {
  const steps = { end: { kind: 'end', outcome: 'done' } };
  const edges = [];
  for (let index = 0; index < size - 1; index += 1) {
    const id = `s${index}`;
    const to = index === size - 2 ? 'end' : `s${index + 1}`;
    if (index % 4 === 0) {
      steps[id] = {
        kind: 'action',
        uses: 'email/send',
        purpose: 'support',
        with: { subject: 'Hi {{ subject.givenName }}', body: 'Hello' },
      };
      edges.push({ from: id, port: 'sent', to });
    } else if (index % 4 === 1) {
      steps[id] = {
        kind: 'wait',
        for: [
          { port: 'over', at: { cel: `subject.day${index % 7}` }, offset: '-P5D', time: '09:00' },
          { port: 'heard', event: 'x' },
        ],
      };
      edges.push({ from: id, port: 'over', to }, { from: id, port: 'heard', to });
    } else if (index % 4 === 2) {
      steps[id] = { kind: 'branch', cases: [{ port: 'yes', if: `subject.n == ${index}` }] };
      edges.push({ from: id, port: 'yes', to }, { from: id, port: 'else', to });
    } else {
      steps[id] = { kind: 'set', vars: { n: 'vars.n + 1' } };
      edges.push({ from: id, port: 'next', to });
    }
  }
  const document = {
    format: 1,
    key: 'long',
    name: 'Long',
    subject: 'patient',
    entry: [{ on: 'manual' }],
    vars: { n: { type: 'integer', default: 0 } },
    start: 's0',
    steps,
    edges,
  };
  const times = Array.from({ length: 5 }, () => {
    const before = performance.now();
    planOf(document);
    return performance.now() - before;
  });
  return times.sort((one, other) => one - other)[2];
}

/** The refill programme over its year, with the memory that the heap has grown by after a quarter and at the end. */
function simulation(size) {
  const { journey, ...request } = shipped('refill-programme.simulation');
  const plan = planOf(shipped(journey.replace('.json', '')));
  const heapMiB = () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  const walk = simulating(
    { ...request, detail: 'summary', cohort: { ...request.cohort, size } },
    { plan },
  );
  const before = cpuMs();
  const began = performance.now();
  let quarterMiB = 0;
  for (;;) {
    const next = walk.next();
    if (next.done === true) {
      const { summary } = next.value;
      return {
        people: size,
        seconds: (performance.now() - began) / 1_000,
        cpuSeconds: (cpuMs() - before) / 1_000,
        quarterMiB,
        endMiB: heapMiB(),
        stepsEntered: Object.values(summary.steps).reduce((sum, step) => sum + step.entered, 0),
      };
    }
    if (quarterMiB === 0 && next.value.done >= size / 4) quarterMiB = heapMiB();
  }
}
