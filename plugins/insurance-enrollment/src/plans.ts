import type { OptionPage, OptionQuery, PluginContext } from '@sojourn/plugin-kit';
import { createFhirClient } from '@sojourn/plugin-kit/fhir';
import type { InsurancePlan } from 'fhir/r4.js';

const atOnce = 20;

/** The insurer's plans whose name contains what was typed: the value is the identifier by which a case names the plan. */
export async function plansFor(
  { search, cursor }: OptionQuery,
  context: PluginContext,
): Promise<OptionPage> {
  const query = {
    ...{ status: 'active', _count: String(atOnce), _sort: 'name' },
    ...(search === '' ? {} : { 'name:contains': search }),
  };
  const { found, next } = await createFhirClient(context).page(
    'InsurancePlan',
    cursor === undefined ? { query } : { next: cursor },
  );
  const items = (found as InsurancePlan[]).flatMap(({ identifier, name }) => {
    const value = identifier?.find((one) => typeof one.value === 'string')?.value;
    return value === undefined ? [] : [{ value, label: name ?? value }];
  });
  return { items, ...(next === undefined ? {} : { nextCursor: next }) };
}
