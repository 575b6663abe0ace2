import type { JsonObject } from '@sojourn/engine';

// By which of their attributes people are found when they write to us.

/** Attributes that are addresses. */
const addressAttributes = ['email', 'phone'] as const;

/** More people than this are not told apart by an address. */
export const mostWithOneAddress = 10;

/** An address as it is compared: `email=ada@example.org`, `phone=+886912345678`. Undefined when the attribute is none. */
export function addressName(attribute: string, value: string): string | undefined {
  const plain =
    attribute === 'email'
      ? value.trim().toLowerCase()
      : attribute === 'phone'
        ? value.replace(/[\s().-]+/g, '')
        : '';
  return plain === '' ? undefined : `${attribute}=${plain}`;
}

/** The addresses among a person's attributes. */
export function addressesIn(attributes: JsonObject): string[] {
  return addressAttributes.flatMap((attribute) => {
    const value = attributes[attribute];
    return (typeof value === 'string' && addressName(attribute, value)) || [];
  });
}
