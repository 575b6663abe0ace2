import type { TFunction } from 'i18next';
import type { JourneyInfo } from '../api/shapes.ts';
import { localText } from '@sojourn/schemas';

/** One part of the way here; the last one is here. */
export interface Crumb {
  label: string;
  to?: '/journeys' | '/runs' | '/plugins';
}

/** The way to a path, in words. */
export function crumbsOf(
  path: string,
  journeys: readonly JourneyInfo[],
  t: TFunction,
  language: string,
): Crumb[] {
  const [area, id] = path.split('/').filter(Boolean).map(decodeURIComponent);
  const nameOf = (key: string): string =>
    localText(journeys.find((journey) => journey.key === key)?.name, language) || key;
  switch (area) {
    case 'journeys':
      return id === undefined
        ? [{ label: t('nav.design') }, { label: t('nav.journeys') }]
        : [{ label: t('nav.journeys'), to: '/journeys' }, { label: nameOf(id) }];
    case 'runs':
      return id === undefined
        ? [{ label: t('nav.operate') }, { label: t('nav.runs') }]
        : [{ label: t('nav.runs'), to: '/runs' }, { label: shortId(id) }];
    case 'incidents':
      return [{ label: t('nav.operate') }, { label: t('nav.incidents') }];
    case 'plugins':
      return [{ label: t('nav.design') }, { label: t('nav.plugins') }];
    case 'tasks':
      return [{ label: t('nav.care') }, { label: t('nav.tasks') }];
    case 'sandbox':
      return [{ label: t('nav.sandbox') }, { label: t('sandbox.world') }];
    default:
      return [];
  }
}

/** A long opaque id, cut for reading. */
export function shortId(id: string): string {
  return id.length > 14 ? `${id.slice(0, 12)}…` : id;
}
