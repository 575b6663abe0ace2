import { readFile } from 'node:fs/promises';
import { demoPatients } from './patients.ts';

const journeys = ['tour', 'refill-adherence'] as const;

/**
 * Loads the demo into a new home, through the public API as anybody would: two journeys, and the published cases as
 * patients whose dispensings are sent as events.
 */
export async function loadDemo(given: { url: string; token: string; now: number }): Promise<void> {
  const call = caller(given.url, given.token);
  for (const key of journeys) {
    const path = new URL(`../../../../schemas/journeys/${key}.json`, import.meta.url);
    const document: unknown = JSON.parse(await readFile(path, 'utf8'));
    const created = await call('POST', '/journeys', { key, document });
    if (created.status === 409) continue; // an earlier start was cut off after this
    await call('POST', `/journeys/${key}/versions`, { note: 'As shipped' }, { 'if-match': '"1"' });
  }
  for (const patient of demoPatients(new Date(given.now).toISOString().slice(0, 10))) {
    await call('PUT', `/subjects/patient/${patient.key}`, patient.attributes);
    const events = patient.fills.map((fill, index) => ({
      specversion: '1.0',
      id: `${patient.key}-fill-${index + 1}`,
      source: 'demo/cms128',
      type: 'prescription.filled',
      subject: `patient/${patient.key}`,
      time: `${fill.filledOn}T09:00:00Z`,
      data: fill.data,
    }));
    await call('POST', '/events', events, { 'content-type': 'application/cloudevents-batch+json' });
  }
}

type Call = (
  method: string,
  path: string,
  body: unknown,
  headers?: Record<string, string>,
) => Promise<Response>;

function caller(url: string, token: string): Call {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    if (!response.ok && response.status !== 409) {
      throw new Error(
        `loading the demo: ${method} ${path} answered ${response.status}: ${(await response.text()).slice(0, 500)}`,
      );
    }
    return response;
  };
}
