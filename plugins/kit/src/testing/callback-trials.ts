import { checkValue } from '@sojourn/schemas';
import { expect, vi } from 'vitest';
import type {
  ActionDefinition,
  AskedStep,
  Json,
  JsonObject,
  PluginDefinition,
  ProviderReport,
  RawRequest,
} from '../contract.ts';
import { secretsOf, type Outside } from './outside.ts';

// What is done to a callback that was really sent.

/** What genuine callbacks report. */
export async function reportsOf(
  plugin: PluginDefinition,
  { host }: Outside,
  requests: readonly RawRequest[],
  asked?: AskedStep,
): Promise<ProviderReport[]> {
  const found: ProviderReport[] = [];
  for (const request of requests) {
    const answer = await plugin.callbacks?.receive(request, host.context(), asked);
    expect(answer, 'a genuine callback is taken').toBeInstanceOf(Array);
    if (Array.isArray(answer)) found.push(...answer);
  }
  return found;
}

/** Reports as the host's inbox has them: one of each id. */
export function distinct(reports: readonly ProviderReport[]): ProviderReport[] {
  return [...new Map(reports.map((report) => [report.eventId, report])).values()];
}

/** Sees that a genuine callback is known from forged ones. Leaves the clock an hour later: use real timers afterwards. */
export async function expectForgeriesSeen(
  plugin: PluginDefinition,
  { host, settings }: Outside,
  genuine: RawRequest | undefined,
): Promise<void> {
  if (!genuine) expect.fail('there was no callback');
  const { connection } = host.context();
  const verify = async (request: RawRequest, change: JsonObject = {}): Promise<unknown> =>
    await plugin.callbacks?.verify(request, {
      ...connection,
      settings: { ...connection.settings, ...change },
    });
  const altered = Uint8Array.from(genuine.body);
  altered[altered.length - 1] = 32;
  const secrets = Object.entries(connection.settings).filter(([, value]) =>
    secretsOf(plugin, settings).includes(value as string),
  );
  const others = Object.fromEntries(secrets.map(([field]) => [field, 'of-another-connection']));

  expect(await verify(genuine)).toBe(true);
  expect(await verify({ ...genuine, body: altered })).toBe(false);
  expect(await verify({ ...genuine, body: new Uint8Array() })).toBe(false);
  expect(await verify({ ...genuine, headers: {} })).toBe(false);
  expect(secrets).not.toEqual([]);
  expect(await verify(genuine, others)).toBe(false);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  expect(await verify(genuine)).toBe(false);
}

/** Sees that a callback garbled in every place is refused, or still read right; that it never throws, and tells nobody `unsaid`. */
export async function expectGarbledRefused(
  plugin: PluginDefinition,
  { host }: Outside,
  genuine: RawRequest | undefined,
  { action, unsaid, asked }: { action?: ActionDefinition; unsaid?: string; asked?: AskedStep },
): Promise<void> {
  const { callbacks } = plugin;
  if (!genuine || !callbacks) expect.fail('there was no callback');
  const text = new TextDecoder().decode(genuine.body);
  const bodies = ['', '{', 'null', '7', '[]', '{}', '\u0000', text.slice(0, -9), `${text}}`];
  const { connection } = host.context();
  for (const body of bodies) {
    const garbled = { ...genuine, body: new TextEncoder().encode(body) };
    expect(await callbacks.verify(garbled, connection), body.slice(0, 20)).toBe(false);
    const answer = await callbacks.receive(garbled, host.context(), asked);
    expect(answer, body.slice(0, 20)).toMatchObject({ type: 'refused' });
  }
  for (const body of garbledIn(jsonIn(text))) {
    const garbled = { ...genuine, body: new TextEncoder().encode(JSON.stringify(body)) };
    const answer = await callbacks.receive(garbled, host.context(), asked);
    if (Array.isArray(answer)) for (const report of answer) expectRight(plugin, action, report);
    else if (unsaid !== undefined) expect(answer.reason).not.toContain(unsaid);
  }
}

/** A report that the host would take: its outcome is the action's, its data fit their schema. */
export function expectRight(
  plugin: PluginDefinition,
  action: ActionDefinition | undefined,
  report: ProviderReport,
): void {
  expect(report.eventId).not.toBe('');
  if (report.type === 'settled') {
    if (!action) expect.fail(`it tells the end '${report.outcome}' of what nobody asked for`);
    if (Array.isArray(action.outcomes)) expect(action.outcomes).toContain(report.outcome);
    expect(checkValue(action.output, report.output)).toEqual([]);
    return;
  }
  const event = plugin.events?.[report.eventType];
  if (!event) expect.fail(`'${report.eventType}' is none of the plugin's events`);
  expect(checkValue(event.schema, report.data)).toEqual([]);
}

function jsonIn(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return { text };
  }
}

/** A value many times over, each time with something else of it gone or in the wrong shape. */
function* garbledIn(value: Json): Generator<Json> {
  for (const wrong of [null, 7, '', [], {}]) yield wrong;
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      for (const garbled of garbledIn(item)) yield value.with(index, garbled);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    const { [key]: _gone, ...rest } = value;
    yield rest;
    for (const garbled of garbledIn(item)) yield { ...value, [key]: garbled };
  }
}
