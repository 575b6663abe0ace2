import {
  defineSignal,
  proxyActivities,
  setHandler,
  sleep,
  uuid4,
  condition,
} from '@temporalio/workflow';
import type { HandWrittenActivities } from './activities.ts';

// What somebody would write who had only this one journey: start by a signal → e-mail → wait 1 s → split → e-mail → end.
// The yardstick of the reference bench.

const { send } = proxyActivities<HandWrittenActivities>({ startToCloseTimeout: '15 s' });

export const started = defineSignal<[{ type: string; at: number }]>('message');

/** The reference journey, by hand. */
export async function handWritten(run: { runId: string; subject: string }): Promise<void> {
  let begun = false;
  setHandler(started, () => {
    begun = true;
  });
  await condition(() => begun);
  await send.executeWithOptions({ activityId: 'hello#1' }, [
    { ...run, step: 'hello', next: 'pause', ends: false, arm: '' },
  ]);
  await sleep(1_000);
  const arm = uuid4() < '8' ? 'a' : 'b';
  await send.executeWithOptions({ activityId: 'again#1' }, [
    { ...run, step: 'again', next: 'done', ends: true, arm },
  ]);
}
