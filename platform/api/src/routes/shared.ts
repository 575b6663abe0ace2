import { invalidAt } from '../problems.ts';

/** What every list may be asked for. */
export const pageQuery = {
  limit: 'How many at most: 50, or as many as are asked for, up to 200.',
  cursor: 'Where to go on: the `nextCursor` of the page before.',
};

/** The subject that a path names; throws when it cannot be one. */
export function subjectIn(params: Record<string, string>): { type: string; key: string } {
  const { type = '', key = '' } = params;
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(type))
    throw invalidAt(
      '',
      `'${type}' is no type of subject: use lower-case letters, digits and hyphens`,
    );
  if (key.length > 200) throw invalidAt('', 'the key of a subject has at most 200 characters');
  return { type, key };
}
