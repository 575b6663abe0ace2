import { accepted, definePlugin, type ActionDefinition } from '@sojourn/plugin-kit';
import {
  createFhirClient,
  effectKeyOf,
  fhirCallbacks,
  fhirConnection,
} from '@sojourn/plugin-kit/fhir';
import { reportsOf } from './callback.ts';
import { orderOf, requireDue, type OrderConfig } from './order.ts';
import { pharmacySandbox } from './sandbox/pharmacy.ts';
import { events, orderConfig, orderOutput, reported } from './schemas.ts';

const order: ActionDefinition = {
  title: { en: 'Order medicine', 'zh-Hant': '訂購藥品', 'zh-Hans': '订购药品' },
  schemaVersion: 1,
  connection: 'fhir',
  config: orderConfig,
  output: orderOutput,
  sample: {
    orderId: '5f0c1a9b2c3d',
    deliveredAt: '2026-11-28T09:30:00Z',
    shipments: [
      {
        ...{ id: '5f0c1a9b2c3d-s1', status: 'completed', part: 1, of: 1 },
        deliveredAt: '2026-11-28T09:30:00Z',
      },
    ],
    temperature: { min: 3.9, max: 5.2 },
  },
  outcomes: ['delivered', 'refused', 'returned', 'excursion'],
  settles: 'later',
  defaultTimeout: 'P14D',
  idempotency: 'native',
  contact: false,

  async perform({ config, subject, idempotencyKey }, context) {
    const asked = config as unknown as OrderConfig;
    requireDue(asked, subject, context.clock());
    const key = effectKeyOf(idempotencyKey);
    const created = await createFhirClient(context).create(orderOf(asked, subject, key), { key });
    return accepted(created.id);
  },

  async reconcile(idempotencyKey, context) {
    const key = effectKeyOf(idempotencyKey);
    const found = await createFhirClient(context).find('MedicationRequest', key);
    return found ? accepted(found.id) : { type: 'not-found' };
  },

  async cancel(reference, context) {
    return await createFhirClient(context).cancel('MedicationRequest', reference);
  },
};

/** A pharmacy that fills prescriptions and delivers them, over FHIR R4. */
export const pharmacyDelivery = definePlugin({
  id: 'pharmacy-delivery',
  version: '1.0.0',
  apiVersion: 1,
  name: { en: 'Pharmacy delivery', 'zh-Hant': '藥局配送', 'zh-Hans': '药房配送' },
  description: {
    en: 'Orders medicine from a pharmacy and follows it to the door: refills, cold chain, parts.',
    'zh-Hant': '向藥局訂藥並追蹤至送達：續領、冷鏈、分批。',
    'zh-Hans': '向药房订药并追踪至送达：续领、冷链、分批。',
  },
  icon: 'package',
  category: 'supply',
  connections: { fhir: fhirConnection },
  actions: { order },
  events,
  callbacks: fhirCallbacks(reported, reportsOf),
  sandbox: pharmacySandbox,
});
