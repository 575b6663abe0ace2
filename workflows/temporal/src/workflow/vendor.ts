// Preloaded by the bundle once for all workflows instead of once for each: the engine is pure, and what it remembers
// (parsed expressions, zones) is the same for everybody. See scripts/bundle.mjs.
import './dates.ts';

export * from '@sojourn/engine/interpreter';
