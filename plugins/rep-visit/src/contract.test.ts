import { describePlugin } from '@sojourn/plugin-kit/testing';
import { repVisitPlugin } from './plugin.ts';
import { aList, taskIdOf } from './test-support/outside.ts';

describePlugin(repVisitPlugin({ list: aList() }), {
  actions: {
    request: {
      config: { topic: 'Dosing in daily practice', brief: 'Bring the **new leaflet**.' },
      subject: { type: 'hcp', key: 'h1', attributes: { territory: 'north', class: 'A' } },
      purpose: 'engagement',
      async effects(sandbox, key) {
        const visits = await sandbox.items({ limit: 100_000 });
        return visits.filter(({ id }) => id.startsWith(`${taskIdOf(key)}~`)).length;
      },
    },
  },
});
