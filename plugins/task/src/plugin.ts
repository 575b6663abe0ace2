import {
  accepted,
  checkValue,
  definePlugin,
  PluginError,
  type ActionDefinition,
  type JsonObject,
} from '@sojourn/plugin-kit';
import { laterBy } from './due.ts';
import { assignConfig, assignOutput, events, overdue } from './schemas.ts';
import type { NewTask, TaskList } from '@sojourn/plugin-kit';

interface AssignConfig {
  queue: string;
  title: string;
  script?: string;
  due?: string;
  priority?: NewTask['priority'];
  form?: JsonObject;
  outcomes: NewTask['outcomes'];
}

/** Work for people. Without a list it is only known, as where journeys are checked and simulated. */
export function taskPlugin({ list }: { list?: TaskList } = {}) {
  return definePlugin({
    id: 'task',
    version: '1.0.0',
    apiVersion: 1,
    name: { en: 'Task', 'zh-Hant': '任務', 'zh-Hans': '任务' },
    description: {
      en: 'Puts work on the list of a team. How they end it is the way on.',
      'zh-Hant': '將工作放入團隊的清單。處理結果決定後續路徑。',
      'zh-Hans': '将工作放入团队的清单。处理结果决定后续路径。',
    },
    icon: 'user-check',
    category: 'people',
    actions: { assign: assignTo(list) },
    events,
  });
}

function assignTo(list: TaskList | undefined): ActionDefinition {
  return {
    title: { en: 'Assign a task', 'zh-Hant': '指派任務', 'zh-Hans': '分配任务' },
    schemaVersion: 1,
    config: assignConfig,
    output: assignOutput,
    sample: {
      outcome: 'done',
      by: 'ada',
      doneAt: '2027-01-05T09:30:00.000Z',
      values: {},
      note: 'Reached at the second call.',
      attempts: 2,
    },
    outcomes: { from: '/outcomes', key: 'port', also: [overdue] },
    deadlineOutcome: overdue,
    settles: 'later',
    idempotency: 'native',
    contact: false,

    async perform({ config, subject, idempotencyKey }, { clock }) {
      const { due, priority = 'normal', ...rest } = config as unknown as AssignConfig;
      const unusable = rest.form && unusableForm(rest.form);
      if (unusable !== undefined)
        throw new PluginError({ code: 'form-invalid', kind: 'config', detail: unusable });
      const at = clock();
      const id = await required(list).assign({
        ...rest,
        key: idempotencyKey,
        subject: { type: subject.type, key: subject.key },
        priority,
        at,
        ...(due === undefined ? {} : { dueAt: laterBy(at, due) }),
      });
      return accepted(id);
    },

    cancel: async (reference, { clock }) => await required(list).withdraw(reference, clock()),
  };
}

/** Why a form cannot be filled in; undefined when it can. */
function unusableForm(form: JsonObject): string | undefined {
  if (form['type'] !== 'object') return "/form: the schema of a form says 'type': 'object'";
  const [fault] = checkValue(form, {});
  return fault?.pointer === '' && fault.detail.startsWith('the schema cannot be used')
    ? `/form: ${fault.detail}`
    : undefined;
}

function required(list: TaskList | undefined): TaskList {
  if (list) return list;
  throw new PluginError({
    code: 'no-task-list',
    kind: 'config',
    detail: 'this process has no task list',
  });
}
