import type { PartStatus } from '@sojourn/api';
import type { connectClient } from '@sojourn/temporal';

const everyMs = 5_000;

/** A Temporal that others run: asked now and then whether it answers. */
export function watchTemporal(
  client: Pick<Awaited<ReturnType<typeof connectClient>>, 'connection'>,
): {
  part(): PartStatus;
  stop(): Promise<void>;
} {
  let part: PartStatus = { name: 'temporal', state: 'up', since: Date.now() };
  const note = (state: PartStatus['state'], detail?: string): void => {
    if (part.state === state) return;
    part = {
      name: 'temporal',
      state,
      since: Date.now(),
      ...(detail === undefined ? {} : { detail }),
    };
  };
  const asking = setInterval(() => {
    client.connection.workflowService.getSystemInfo({}).then(
      () => note('up'),
      (error: unknown) => note('down', error instanceof Error ? error.message : 'no answer'),
    );
  }, everyMs);
  return {
    part: () => part,
    stop: () => {
      clearInterval(asking);
      return Promise.resolve();
    },
  };
}
