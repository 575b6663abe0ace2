import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { simulate } from '@sojourn/engine/simulation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calledPlans, shippedJourney, shippedPlan } from '../support/shipped.ts';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';

// Each shipped journey on the real parts goes where the simulator says, as far as somebody comes on the first day.

/** What a partner's API answers, by the end of its path. */
const answers: Record<string, object> = {
  '/visits/analyses': { finding: 'need', need: 'dosing', confidence: 0.9 },
  '/tags': { state: 'recorded' },
  '/quality-checks': { result: 'passed' },
  '/eligibility-checks': { coverage: 'active', authorisation: 'required' },
  '/prior-authorisations': { state: 'submitted', reference: 'pa-1' },
};
const people = {
  patient: {
    ...{ givenName: 'Ada', timeZone: 'Asia/Taipei', country: 'TW', locale: 'en' },
    ...{ refillDueOn: '2099-01-01', physician: 'd1', sharesWithDoctor: true },
  },
  physician: { familyName: 'Lin', timeZone: 'Asia/Taipei', country: 'TW', segment: 'B' },
  policyholder: { givenName: 'Mei', timeZone: 'Asia/Taipei', country: 'TW' },
} as Record<string, object>;
/** The called ones first. */
const journeys = [
  ...['doctor-alert', 'patient-onboarding', 'virtual-representative', 'benefit-verification'],
  ...['refill-programme', 'insurance-loop', 'refill-adherence', 'tour'],
];
const given: Record<string, object> = {
  'doctor-alert': { reason: 'late-refill', reference: 'r-1' },
  'refill-programme': { prescriptionId: 'rx', daysSupply: 28 },
  'refill-adherence': { prescriptionId: 'rx', daysSupply: 28 },
};

/** What the answers come to. */
const outcomes = {
  eligibility: [{ port: 'needs-authorisation' }],
  submit: [{ port: 'submitted' }],
  'need-analysis': [{ port: 'need' }],
};

let api: Server;
let stack: StackUnderTest;
beforeAll(async () => {
  api = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://partner.example').pathname;
    const answer = Object.entries(answers).find(([end]) => path.endsWith(end))?.[1] ?? {};
    request.resume().on('end', () => response.end(JSON.stringify(answer)));
  });
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  const { port } = api.address() as AddressInfo;
  stack = await stackUnderTest({ SOJOURN_EGRESS_ALLOW: `127.0.0.1:${port}` });
  await stack.start();
  await stack.call('POST', '/connections', {
    ...{ id: 'partner', plugin: 'http', type: 'api', name: 'Partner', default: true },
    settings: { baseUrl: `http://127.0.0.1:${port}`, auth: 'none' },
  });
  for (const key of journeys) await stack.publish(shippedJourney(key));
});
afterAll(async () => {
  await stack.remove();
  api.close();
});

interface Run {
  id: string;
  incidents: { code: string; detail: string }[];
  positions: { step: string; waitingFor?: string }[];
}

describe('on the real parts', () => {
  it.each(journeys)('%s goes where the simulator says', async (key) => {
    const document = shippedJourney(key);
    const subject = `${document.subject}/of-${key}`;
    const attributes = { ...people[document.subject], email: `${key}@people.example` };
    await stack.call('PUT', `/subjects/${subject}`, attributes);
    const entry = given[key] ?? {};
    const { id } = await stack.call<Run>('POST', `/journeys/${key}/runs`, { subject, data: entry });
    const run = await eventually(
      () => stack.call<Run>('GET', `/runs/${id}`),
      ({ positions, incidents }) =>
        incidents.length > 0 ||
        (positions.length > 0 && positions.every(({ waitingFor }) => waitingFor !== 'effect')),
    );
    expect(run.incidents).toEqual([]);

    const { items } = await stack.call<{
      items: { at: string; what: string; step?: string; visit?: number }[];
    }>('GET', `/runs/${id}/trail?limit=200`);
    const walked = items.flatMap(({ what, step, visit }) =>
      what === 'entered' ? [`${step ?? ''}#${visit ?? 0}`] : [],
    );
    const actions = Object.fromEntries(
      Object.entries(outcomes).filter(([step]) => document.steps[step] !== undefined),
    );
    const began = items[0]?.at ?? '';
    const simulated = simulate(
      {
        ...{ start: began, until: new Date(Date.parse(began) + 60_000).toISOString() },
        people: [
          {
            subject: { key: `of-${key}`, ...attributes },
            ...{ enters: began, entry: entry as never, actions },
          },
        ],
      },
      { plan: shippedPlan(key), plans: calledPlans },
    );
    const path = simulated.people?.[0]?.path.map(({ step, visit }) => `${step}#${visit}`) ?? [];
    expect(walked.length).toBeGreaterThan(0);
    expect(walked).toEqual(path.slice(0, walked.length));
  });
});
