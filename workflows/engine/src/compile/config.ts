import { checkValue, type Fault } from '@sojourn/schemas';
import { isObject, valueAt } from '../json.ts';

/** What is wrong with a step's config by its action's schema. A computed value is not known yet: it may be anything. */
export function configFaults(schema: Record<string, unknown>, config: unknown): Fault[] {
  return checkValue(schema, config).filter(({ pointer }) => !isComputed(config, pointer));
}

/** Whether a value lies inside one that is computed: it is not known before a run comes there. */
function isComputed(config: unknown, pointer: string): boolean {
  const path = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  for (let length = path.length; length > 0; length -= 1) {
    if (isComputedValue(valueAt(config, path.slice(0, length)))) return true;
  }
  return false;
}

/** Whether a value of a config is computed: `{ "cel": … }`. */
export function isComputedValue(value: unknown): boolean {
  return isObject(value) && typeof value['cel'] === 'string' && Object.keys(value).length === 1;
}
