import type { RunningSandbox } from '@sojourn/plugin-kit';
import type { Store } from '@sojourn/store';

/** The connection that leads into the sandbox: made once, and following its port. */
export async function connectSandbox(
  store: Store,
  sandbox: RunningSandbox,
  now: number,
): Promise<void> {
  const id = 'default-email';
  const known = await store.connections.get(id);
  const record = {
    id,
    plugin: 'email',
    type: sandbox.connection.type,
    name: 'Mail sandbox',
    settings: sandbox.connection.settings,
    limits: {},
    default: true,
    createdAt: now,
    updatedAt: now,
  };
  if (!known) await store.connections.insert(record);
  else if (
    known.settings['host'] === '127.0.0.1' &&
    known.settings['port'] !== sandbox.connection.settings['port']
  ) {
    await store.connections.replace({
      ...known,
      settings: { ...known.settings, port: sandbox.connection.settings['port'] ?? 0 },
      updatedAt: now,
    });
  }
}
