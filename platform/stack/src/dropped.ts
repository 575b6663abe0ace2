import { droppedVersions, droppedWords } from '@sojourn/api';
import type { PluginDefinition } from '@sojourn/plugin-kit';
import type { Store } from '@sojourn/store';
import { StackError } from './servers/index.ts';

/** Throws a `StackError` when these plugins no longer keep what open runs may reach: they would stand in incidents for good. */
export async function requireNothingDropped(
  store: Pick<Store, 'journeys' | 'runs'>,
  plugins: readonly PluginDefinition[],
): Promise<void> {
  const dropped = await droppedVersions(store, plugins);
  if (dropped.length > 0)
    throw new StackError('settings-invalid', dropped.map(droppedWords).join('\n'));
}
