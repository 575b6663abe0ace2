import { localText, type PluginManifest, type Step } from '@sojourn/schemas';
import { useMemo } from 'react';
import { useConnections, useManifests } from '../api/queries.ts';
import type { Connection } from '../api/shapes.ts';
import {
  actionLooks,
  categories,
  looksOf,
  newAction,
  newStep,
  paletteKinds,
  type Category,
  type Looks,
} from '../document/kinds.ts';
import { useWords, type Words } from '../i18n/use-words.ts';

/** Something that can be added to a journey. */
export interface PaletteItem {
  id: string;
  label: string;
  detail: string;
  looks: Looks;
  /** Why it cannot be added now. */
  unavailable?: string;
  /** What its first id is made of. */
  idBase: string;
  step: Step;
}

/** The palette in the order in which it is drawn. Actions that cannot be used come last in their group. */
export function paletteOf(
  manifests: readonly PluginManifest[],
  connections: readonly Connection[],
  words: Words,
): { category: Category; items: PaletteItem[] }[] {
  const own = paletteKinds.map((kind): PaletteItem => {
    const step = newStep(kind);
    return {
      id: kind,
      label: words.t(`kinds.${kind}`),
      detail: words.t(`kindHints.${kind}`),
      looks: looksOf(step, manifests),
      idBase: kind.replace('-time', '').replace('-event', '-for'),
      step,
    };
  });
  const actions = manifests.flatMap((plugin) =>
    Object.entries(plugin.actions).map(([name, action]): PaletteItem => {
      const single = Object.keys(plugin.actions).length === 1;
      const pluginName = localText(plugin.name, words.language);
      const title = localText(action.title, words.language);
      const lacking =
        action.connection !== undefined &&
        !connections.some((connection) => connection.plugin === plugin.id);
      const reason = action.deprecated ?? (lacking ? words.t('palette.noConnection') : undefined);
      return {
        id: `${plugin.id}/${name}`,
        label: single ? pluginName : title,
        detail: single ? title : pluginName,
        looks: actionLooks(plugin, action),
        ...(reason === undefined ? {} : { unavailable: reason }),
        idBase: single ? plugin.id : `${plugin.id}-${name}`,
        step: newAction(`${plugin.id}/${name}`, action),
      };
    }),
  );
  const all = [...own, ...actions];
  return categories
    .map((category) => ({
      category,
      items: all
        .filter((item) => item.looks.category === category)
        .sort(
          (one, other) => Number(Boolean(one.unavailable)) - Number(Boolean(other.unavailable)),
        ),
    }))
    .filter((group) => group.items.length > 0);
}

/** The palette of this deployment. */
export function usePalette(): { category: Category; items: PaletteItem[] }[] {
  const manifests = useManifests();
  const connections = useConnections();
  const words = useWords();
  return useMemo(() => paletteOf(manifests, connections, words), [manifests, connections, words]);
}
