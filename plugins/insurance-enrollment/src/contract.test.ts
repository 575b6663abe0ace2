import type { RunningSandbox } from '@sojourn/plugin-kit';
import { effectKeyOf } from '@sojourn/plugin-kit/fhir';
import { describePlugin } from '@sojourn/plugin-kit/testing';
import { insuranceEnrollment } from './plugin.ts';

const casesOf = async (sandbox: RunningSandbox, key: string) =>
  (await sandbox.items({ limit: 100_000 })).filter((item) => item['key'] === effectKeyOf(key));
const effects = async (sandbox: RunningSandbox, key: string) =>
  (await casesOf(sandbox, key)).length;
const plays = async (sandbox: RunningSandbox, key: string, type: string) => {
  const [found] = await casesOf(sandbox, key);
  await sandbox.act(found!.id, { type });
};

describePlugin(insuranceEnrollment, {
  actions: {
    check: {
      config: { plan: 'GOLD-2026', product: { code: 'L04AB04', text: 'Pen 40 mg' } },
      subject: { type: 'patient', key: 'asks', attributes: { givenName: 'Ada' } },
      effects,
      async ends(sandbox, key) {
        await plays(sandbox, key, 'approve');
        return 'eligible';
      },
    },
    enroll: {
      config: { plan: 'GOLD-2026', documents: [{ type: 'income-proof' }] },
      subject: { type: 'patient', key: 'applies', attributes: { memberId: 'M-1' } },
      effects,
      async ends(sandbox, key) {
        await plays(sandbox, key, 'decline');
        return 'declined';
      },
    },
  },
});
