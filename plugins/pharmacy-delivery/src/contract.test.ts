import type { RunningSandbox } from '@sojourn/plugin-kit';
import { describePlugin } from '@sojourn/plugin-kit/testing';
import { effectKeyOf } from '@sojourn/plugin-kit/fhir';
import { pharmacyDelivery } from './plugin.ts';

const ordersOf = async (sandbox: RunningSandbox, key: string) =>
  (await sandbox.items({ limit: 100_000 })).filter((item) => item['key'] === effectKeyOf(key));

describePlugin(pharmacyDelivery, {
  actions: {
    order: {
      config: {
        medication: { code: 'L04AB04', system: 'http://www.whocc.no/atc', text: 'Pen 40 mg' },
        ...{ daysSupply: 28, quantity: 2, coldChain: true },
        address: { line: '1 Harbour Road', city: 'Taipei' },
      },
      effects: async (sandbox, key) => (await ordersOf(sandbox, key)).length,
      async ends(sandbox, key) {
        const [order] = await ordersOf(sandbox, key);
        for (const type of ['pack', 'ship', 'deliver']) await sandbox.act(order!.id, { type });
        return 'delivered';
      },
    },
  },
});
