// JSON Schemas of elements, for what a plugin reads of a provider's resources: as much as is read, and no more.

const text = { type: 'string' } as const;
const listOf = <Schema extends object>(items: Schema) => ({ type: 'array', items }) as const;
const object = <Properties extends Record<string, object>>(properties: Properties) =>
  ({ type: 'object', properties }) as const;

const reference = object({ reference: text });
const concept = object({ text, coding: listOf(object({ code: text })) });

/** The shapes of elements, by what they hold. */
export const shapes = {
  id: { type: 'string', minLength: 1, maxLength: 64 },
  text,
  flag: { type: 'boolean' },
  reference,
  concept,
  amount: object({ value: { type: 'number' } }),
  period: object({ start: text, end: text }),
  /** A reference that identifies somebody. */
  somebody: object({ identifier: object({ system: text, value: text }) }),
  extension: {
    type: 'array',
    items: {
      type: 'object',
      required: ['url'],
      properties: {
        url: text,
        valueReference: reference,
        valueCodeableConcept: concept,
        valuePositiveInt: { type: 'integer', minimum: 1 },
        valueBoolean: { type: 'boolean' },
        ...{ valueDate: text, valueDateTime: text, valueCode: text, valueString: text },
      },
    },
  },
} as const;
