// What somebody wants of a new plugin: what they said with flags, what they are asked, and what follows from it.

/** What a plugin can be made from, and the layers of each. */
export const kinds = {
  now: { layers: ['shared', 'http', 'now'], says: 'it acts at once, as a message does' },
  later: { layers: ['shared', 'http', 'later'], says: 'it asks, and the end is reported later' },
  split: { layers: ['shared', 'split'], says: 'it sends people different ways' },
  trigger: { layers: ['shared', 'http', 'trigger'], says: 'it tells what happens elsewhere' },
} as const;

/** The categories of a plugin: the icon that a new one gets, and the heading of the palette under which it is found. */
export const categories = {
  message: { icon: 'message', heading: 'Contact' },
  people: { icon: 'user-check', heading: 'People' },
  supply: { icon: 'truck', heading: 'Supply and cover' },
  flow: { icon: 'clock', heading: 'Start and end' },
  decide: { icon: 'split', heading: 'Decide' },
  data: { icon: 'webhook', heading: 'Start and end' },
} as const;

const usualCategory = {
  now: 'message',
  later: 'supply',
  split: 'decide',
  trigger: 'data',
} as const;

export type Kind = keyof typeof kinds;
export type Category = keyof typeof categories;

/** What a plugin is to be. */
export interface Answers {
  id: string;
  name: string;
  template: Kind;
  category: Category;
}

/** What was said already. */
export type Said = { [Part in keyof Answers]?: string | undefined };

/** Asks a person; `usual` is the answer of who just presses enter. */
export type Ask = (question: string, usual: string) => Promise<string>;

/** A plugin cannot be made like this; the message says why and what to do. */
export class RefusedError extends Error {
  override name = 'RefusedError';
}

/** What a plugin is to be. Asks for what was not said when there is somebody to ask, else takes what is usual. */
export async function answersOf(
  said: Said,
  { ask, isTaken }: { ask: Ask | undefined; isTaken: (id: string) => string | undefined },
): Promise<Answers> {
  if (!ask && said.id === undefined && said.name === undefined)
    throw new RefusedError(
      'There is no terminal to ask at: give --id and --name (and --template, --category, --in).',
    );
  const idOf = (text: string): string => checkedId(text, isTaken);
  if (said.id !== undefined) idOf(said.id); // before the name that follows from it
  /** The answer to one question: as it was said, else asked until it can be used. */
  const answer = async <Value>(
    given: string | undefined,
    question: string,
    usual: string,
    read: (text: string) => Value,
  ): Promise<Value> => {
    if (given !== undefined || !ask) return read(given ?? usual);
    let hint = '';
    for (;;) {
      const text = (await ask(`${hint}${question}`, usual)).trim();
      try {
        return read(text === '' ? usual : text);
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        hint = `${error.message}\n`;
      }
    }
  };

  const name = await answer(
    said.name,
    'What is it called, as people see it?',
    said.id === undefined ? 'My channel' : nameFrom(said.id),
    checkedName,
  );
  const id = await answer(said.id, 'Its id?', idFrom(name), idOf);
  const template = await answer(
    said.template,
    `What does it do? ${Object.entries(kinds)
      .map(([kind, { says }]) => `\n  ${kind.padEnd(8)} ${says}`)
      .join('')}\n`,
    'now',
    oneOf<Kind>('template', kinds),
  );
  const category = await answer(
    said.category,
    `Its place in the palette? ${Object.keys(categories).join(', ')}`,
    usualCategory[template],
    oneOf<Category>('category', categories),
  );
  return { id, name, template, category };
}

function checkedName(text: string): string {
  if (/^[\p{L}\p{N}][\p{L}\p{M}\p{N} .,&()'’-]{0,59}$/u.test(text)) return text;
  throw new RefusedError(
    `'${text}' is no name: use up to 60 letters, digits, spaces and . , & ( ) ' - and begin with a letter or digit.`,
  );
}

function checkedId(text: string, isTaken: (id: string) => string | undefined): string {
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(text))
    throw new RefusedError(
      `'${text}' is no id: use up to 64 lower-case letters, digits and hyphens, and begin with a letter.`,
    );
  const by = isTaken(text);
  if (by !== undefined) throw new RefusedError(`The id '${text}' is taken: ${by}. Choose another.`);
  return text;
}

const oneOf =
  <Value extends string>(what: string, known: Record<Value, unknown>) =>
  (text: string): Value => {
    if (Object.hasOwn(known, text)) return text as Value;
    throw new RefusedError(`'${text}' is no ${what}: use ${Object.keys(known).join(', ')}.`);
  };

const idFrom = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[-0-9]+|-+$/g, '')
    .slice(0, 64);

const nameFrom = (id: string): string =>
  `${id.slice(0, 1).toUpperCase()}${id.slice(1, 60).replaceAll('-', ' ')}`;
