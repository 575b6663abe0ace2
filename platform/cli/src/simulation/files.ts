import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { isObject, type Diagnostic } from '@sojourn/engine';
import { prepareSimulation, type SimulationRequest } from '@sojourn/engine/simulation';
import type { SimulationWork } from '@sojourn/api';
import { calendars, faultsOf, policyValidator, simulationValidator } from '@sojourn/schemas';
import { PluginLoadError } from '@sojourn/plugin-kit/host';
import { shippedRegistry } from '@sojourn/stack';
import { ownManifests } from '../plugin/own-manifests.ts';

/** A file that cannot be used: which, where in it, and what to do. */
export class FileError extends Error {
  override name = 'FileError';
}

/** Reads a file of JSON. Throws a `FileError` that says what is wrong with it. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new FileError(`${path} cannot be read: ${messageOf(error)}`);
  });
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new FileError(`${path} is no JSON: ${messageOf(error)}`);
  }
}

/** Whether a value looks like a journey document, as against what is asked of one. */
export function isJourney(value: unknown): value is Record<string, unknown> {
  return isObject(value) && 'steps' in value && 'edges' in value;
}

/**
 * Makes a request ready. Its document is the given one; journeys that it calls are looked for among the documents in the
 * same folder. Throws a `FileError` with every fault.
 */
export async function prepareFile(
  path: string,
  given: Record<string, unknown>,
  document: unknown,
): Promise<SimulationWork> {
  const faults = [
    ...faultsOf(simulationValidator, given),
    ...(Array.isArray(given['policies'])
      ? given['policies'].flatMap((policy, index) =>
          faultsOf(policyValidator, policy).map((fault) => ({
            ...fault,
            pointer: `/policies/${index}${fault.pointer}`,
          })),
        )
      : []),
  ];
  if (faults.length > 0)
    throw new FileError(
      faults.map(({ pointer, detail }) => `${path}: ${pointer || '/'}: ${detail}`).join('\n'),
    );
  const request = given as unknown as SimulationRequest;
  const journeys = request.journeys ?? (await calledBeside(path, document));
  const shipped = shippedRegistry().manifests();
  const own = await ownManifests(path, [document, ...journeys], shipped).catch((error: unknown) => {
    if (!(error instanceof PluginLoadError)) throw error;
    throw new FileError(error.message);
  });
  const manifests = [...shipped, ...own];
  const prepared = prepareSimulation(
    document,
    { ...request, journeys },
    {
      compile: { manifests, calendars, timeZone: 'UTC', now: Date.parse(request.start) || 0 },
      policies: [],
      plans: new Map(),
    },
  );
  if (!prepared.ok) throw new FileError(prepared.diagnostics.map(lineOf).join('\n'));
  const { document: _document, journeys: _journeys, policies: _policies, ...rest } = request;
  return {
    request: rest,
    plan: prepared.plan,
    plans: [...prepared.plans],
    policies: prepared.policies,
    manifests,
    hashes: prepared.hashes,
  };
}

const lineOf = ({ severity, code, pointer, message }: Diagnostic): string =>
  `${severity} ${code} at ${pointer || '/'}: ${message}`;

/** The documents in the same folder that a document calls, and those that these call. */
async function calledBeside(path: string, document: unknown): Promise<unknown[]> {
  const names = callsIn(document);
  if (names.length === 0) return [];
  const folder = dirname(resolve(path));
  const found = new Map<string, unknown>();
  for (const name of await readdir(folder)) {
    if (extname(name) !== '.json' || name.endsWith('.tests.json')) continue;
    const value = await readJson(join(folder, name));
    if (isJourney(value) && typeof value['key'] === 'string') found.set(value['key'], value);
  }
  const called = new Map<string, unknown>();
  for (const open = [...names]; open.length > 0;) {
    const name = open.pop() ?? '';
    const journey = found.get(name);
    if (!journey || called.has(name)) continue;
    called.set(name, journey);
    open.push(...callsIn(journey));
  }
  return [...called.values()];
}

function callsIn(document: unknown): string[] {
  const steps = isObject(document) && isObject(document['steps']) ? document['steps'] : {};
  return Object.values(steps).flatMap((step) =>
    isObject(step) && step['kind'] === 'call' && typeof step['journey'] === 'string'
      ? [step['journey']]
      : [],
  );
}

/** The journey that a file of tests is about: named in it, else the one beside it without `.tests`. */
export function journeyBeside(path: string, named: unknown): string {
  const name =
    typeof named === 'string' ? named : basename(path).replace(/\.tests\.json$/, '.json');
  return join(dirname(path), name);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
