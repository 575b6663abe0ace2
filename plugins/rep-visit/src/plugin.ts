import {
  definePlugin,
  PluginError,
  type ActionDefinition,
  type ConnectionHealth,
  type PluginContext,
} from '@sojourn/plugin-kit';
import { openPop3, verifyServer } from '@sojourn/plugin-kit/mail';
import { sendInvitation } from './invitation.ts';
import { listen } from './listen.ts';
import { request } from './request.ts';
import { visitSandbox } from './sandbox/sandbox.ts';
import { calendarConnection, events, requestConfig, requestOutput } from './schemas.ts';
import { organizerOf, settingsOf } from './settings.ts';
import type { TaskList } from '@sojourn/plugin-kit';
import { visitOf } from './visit.ts';

/** Visits of representatives. Without a list it is only known, as where journeys are checked and simulated. */
export function repVisitPlugin({ list }: { list?: TaskList } = {}) {
  return definePlugin({
    id: 'rep-visit',
    version: '1.0.0',
    apiVersion: 1,
    name: { en: 'Representative visit', 'zh-Hant': '業務代表拜訪', 'zh-Hans': '代表拜访' },
    description: {
      en: 'Asks a representative for a visit: a task in their list, and an invitation to their calendar.',
      'zh-Hant': '請業務代表安排拜訪：在其任務清單新增任務，並寄送行事曆邀請。',
      'zh-Hans': '请代表安排拜访：在其任务清单新增任务，并发送日历邀请。',
    },
    icon: 'briefcase',
    category: 'people',
    connections: {
      calendar: {
        title: { en: 'Calendar', 'zh-Hant': '行事曆', 'zh-Hans': '日历' },
        schema: calendarConnection,
        limits: { perSecond: 10 },
        check,
        listen: (context: PluginContext) => listen(context, list),
      },
    },
    actions: { request: requestTo(list) },
    events,
    sandbox: visitSandbox,
  });
}

/**
 * Asking twice under one key asks once, so idempotency is `native`: the list has one task under a key, and a calendar one
 * appointment under a UID. Nothing needs to be looked up after an unknown outcome.
 */
function requestTo(list: TaskList | undefined): ActionDefinition {
  return {
    title: { en: 'Request a visit', 'zh-Hant': '安排拜訪', 'zh-Hans': '安排拜访' },
    schemaVersion: 1,
    connection: 'calendar',
    config: requestConfig,
    output: requestOutput,
    sample: {
      outcome: 'done',
      by: 'bo',
      doneAt: '2027-01-05T09:30:00.000Z',
      values: { needsHeard: ['dosing in renal impairment'], tags: ['dosing'], nextTask: 'Send it' },
    },
    outcomes: ['done', 'declined', 'no-show'],
    whenSuppressed: 'declined',
    settles: 'later',
    defaultTimeout: 'P21D',
    idempotency: 'native',
    contact: true,

    perform: async (asked, context) => await request(asked, context, required(list)),

    async cancel(reference, context) {
      const visit = visitOf(reference);
      const settings = settingsOf(context);
      if (!visit) return false;
      const wasPossible = await required(list).withdraw(visit.taskId, context.clock());
      const representative = settings.representatives.find(({ id }) => id === visit.repId);
      if (representative)
        await sendInvitation(
          {
            ...{ visit, representative, method: 'CANCEL', summary: 'Visit' },
            // Above that of every update there can have been: none of them is remembered.
            sequence: Math.floor(context.clock() / 60_000),
          },
          settings,
          context,
        );
      return wasPossible;
    },
  };
}

/** Says hello to the server, and signs in to the mailbox when there is one. */
async function check(context: PluginContext): Promise<ConnectionHealth> {
  const began = context.clock();
  const settings = settingsOf(context);
  organizerOf(settings);
  await verifyServer(settings.smtp, context);
  if (settings.inbound) {
    const session = await openPop3(settings.inbound, context);
    await session.quit().finally(() => session.close());
  }
  return { status: 'ok', latencyMs: context.clock() - began };
}

function required(list: TaskList | undefined): TaskList {
  if (list) return list;
  throw new PluginError({
    code: 'no-task-list',
    kind: 'config',
    detail: 'this process has no task list',
  });
}
