import type { JsonObject, ProviderMood, ReportingHabit, RunningSandbox } from '../contract.ts';
import { importPlugin } from './plugin-module.ts';
import type { FromStandIn, ToStandIn } from './stand-in-messages.ts';

// Runs the outside world of one plugin that is not ours, in a process of its own.
//
// Started with the module's path, the folder for its data and its port, and with a channel to the host. It ends with the host.

const say = (message: FromStandIn): void => void process.send?.(message);

/** Does what is asked of the other side. */
async function doIt(sandbox: RunningSandbox, { name, args }: ToStandIn): Promise<unknown> {
  const [first, second] = args;
  switch (name) {
    case 'items':
      return await sandbox.items(first as { to?: string; limit: number });
    case 'item':
      return await sandbox.item(first as string);
    case 'act':
      return await sandbox.act(first as string, second as { type: string } & JsonObject);
    case 'begin':
      return await sandbox.begin?.(first as { type: string } & JsonObject);
    case 'behave':
      sandbox.behave(first as ProviderMood);
      return undefined;
    case 'report':
      sandbox.report?.(first as ReportingHabit);
      return undefined;
    case 'callBack':
      sandbox.callBack?.(first as string);
      return undefined;
  }
}

process.on('unhandledRejection', () => process.exit(1)); // something nobody waits for broke: nothing is sure any more
try {
  const [, , path = '', directory = '', port = ''] = process.argv;
  const { sandbox: definition } = await importPlugin(path);
  if (!definition) throw new Error('the plugin has no sandbox');
  const sandbox = await definition.start({ directory, port: Number(port) });
  process.on('disconnect', () => {
    void sandbox.close().finally(() => process.exit(0)); // the host has gone, or wants it gone
  });
  process.on('message', (message: ToStandIn) => {
    doIt(sandbox, message).then(
      (value) => say({ type: 'answer', id: message.id, value }),
      (error: unknown) => say({ type: 'failed', id: message.id, detail: wordsOf(error) }),
    );
  });
  sandbox.watch((item) => say({ type: 'arrival', item }));
  say({
    type: 'ready',
    connection: sandbox.connection,
    can: (['begin', 'report', 'callBack'] as const).filter((name) => sandbox[name] !== undefined),
  });
} catch (error) {
  say({ type: 'unusable', detail: wordsOf(error) });
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
