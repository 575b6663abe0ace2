import { fileURLToPath } from 'node:url';

/** The clone that this command belongs to. */
export const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** What plugins are made from. */
export const templates = fileURLToPath(new URL('../../templates/', import.meta.url));

/** Where own plugins are looked for: each folder in it whose package.json names a module in `sojourn.plugin`. */
export const ownPlugins = fileURLToPath(new URL('../../../../own-plugins/', import.meta.url));
