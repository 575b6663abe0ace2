import type { JourneyDocument, Note, ParallelStep, Position, Step, Text } from '@sojourn/schemas';
import { freePlace, pitch, positionsOf, tidied } from './layout.ts';

//   D1. Every edit is a function from a document to a document; it changes nothing in place, and answers the very same
//       document when there is nothing to do.
//   D2. No edit leaves an edge whose step is gone.

/** A place to add a step after: a step's port. */
export interface PortPlace {
  step: string;
  port: string;
}

/** `base`, or `base-2`, `base-3` … when it is taken; made to match what ids may be. */
export function freshId(base: string, taken: (id: string) => boolean): string {
  const slug = slugOf(base) || 'step';
  if (!taken(slug)) return slug;
  for (let number = 2; ; number += 1) {
    const id = `${slug.slice(0, 58)}-${number}`;
    if (!taken(id)) return id;
  }
}

/** Text as an id: lower-case letters, digits and hyphens, beginning with a letter. */
export function slugOf(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .replace(/-+$/, '')
    .slice(0, 64);
}

/** Adds a step: after a port (taking over where it led), at a place, or below everything. */
export function addStep(
  document: JourneyDocument,
  step: Step,
  options: { idBase: string; after?: PortPlace; firstPort?: string; at?: Position },
): { document: JourneyDocument; id: string } {
  const id = freshId(options.idBase, (candidate) => Object.hasOwn(document.steps, candidate));
  const positions = positionsOf(document);
  const { after, firstPort } = options;
  const anchor = after ? positions[after.step] : undefined;
  const lowest = Math.max(-pitch.y, ...Object.values(positions).map((place) => place.y));
  const wanted =
    options.at ?? (anchor ? { x: anchor.x, y: anchor.y + pitch.y } : { x: 0, y: lowest + pitch.y });
  const first = Object.keys(document.steps).length === 0;
  let next: JourneyDocument = {
    ...document,
    start: first ? id : document.start,
    steps: { ...document.steps, [id]: step },
    layout: { ...positions, [id]: freePlace(wanted, Object.values(positions)) },
  };
  if (after) {
    const former = document.edges.find(
      (edge) => edge.from === after.step && edge.port === after.port,
    );
    next = connect(next, after.step, after.port, id);
    if (former && firstPort !== undefined) next = connect(next, id, firstPort, former.to);
  }
  return { document: next, id };
}

/**
 * Adds a parallel step and the join of its branches, two rows below: what its place led to comes after the join. Without a
 * place they hang on nothing yet.
 */
export function addParallel(
  document: JourneyDocument,
  step: ParallelStep,
  options: Omit<Parameters<typeof addStep>[2], 'firstPort'>,
): { document: JourneyDocument; id: string; join: string } {
  const { after } = options;
  const former = document.edges.find(
    (edge) => edge.from === after?.step && edge.port === after.port,
  );
  const added = addStep(document, step, options);
  const joined = addJoin(added.document, added.id);
  return {
    document: former ? connect(joined.document, joined.id, 'joined', former.to) : joined.document,
    id: added.id,
    join: joined.id,
  };
}

/** Adds the join of a parallel step below it. Branches that lead nowhere are led there. */
export function addJoin(
  document: JourneyDocument,
  parallel: string,
): { document: JourneyDocument; id: string } {
  const step = document.steps[parallel];
  const place = positionsOf(document)[parallel] ?? { x: 0, y: 0 };
  const added = addStep(
    document,
    { kind: 'join', of: parallel },
    { idBase: 'join', at: { x: place.x, y: place.y + 2 * pitch.y } },
  );
  const open = (step?.kind === 'parallel' ? step.branches : []).filter(
    (branch) => !document.edges.some((edge) => edge.from === parallel && edge.port === branch),
  );
  return {
    document: open.reduce(
      (next, branch) => connect(next, parallel, branch, added.id),
      added.document,
    ),
    id: added.id,
  };
}

/** The parallel step whose ways a join at this place brings together: the nearest before it, else any that has no join yet. */
export function parallelBefore(document: JourneyDocument, place?: string): string | undefined {
  const { steps, edges } = document;
  const isParallel = (id: string): boolean => steps[id]?.kind === 'parallel';
  const seen = new Set<string>();
  for (let row = place === undefined ? [] : [place]; row.length > 0;) {
    const found = row.find(isParallel);
    if (found !== undefined) return found;
    for (const id of row) seen.add(id);
    const before = edges.flatMap((edge) => (row.includes(edge.to) ? [edge.from] : []));
    row = [...new Set(before)].filter((id) => !seen.has(id));
  }
  const joined = new Set(
    Object.values(steps).flatMap((step) => (step.kind === 'join' ? [step.of] : [])),
  );
  const all = Object.keys(steps).filter(isParallel);
  return all.find((id) => !joined.has(id)) ?? all[0];
}

/** Removes steps and notes. A removed step with one way in or more and exactly one way out closes the gap. */
export function removeItems(document: JourneyDocument, ids: readonly string[]): JourneyDocument {
  return ids.reduce(removeItem, document);
}

function removeItem(document: JourneyDocument, id: string): JourneyDocument {
  if (!Object.hasOwn(document.steps, id)) return removeNote(document, id);
  const out = document.edges.filter((edge) => edge.from === id && edge.to !== id);
  const targets = new Set(out.map((edge) => edge.to));
  const [heir] = targets.size === 1 ? [...targets] : [];
  const { [id]: _step, ...steps } = document.steps;
  const { [id]: _place, ...layout } = document.layout ?? {};
  const edges = document.edges
    .filter((edge) => edge.from !== id)
    .flatMap((edge) =>
      edge.to === id ? (heir === undefined ? [] : [{ ...edge, to: heir }]) : [edge],
    );
  const start = document.start === id ? (heir ?? Object.keys(steps)[0] ?? id) : document.start;
  return { ...document, start, steps, edges, ...(document.layout ? { layout } : {}) };
}

/** Replaces a step. `renamed` maps ports that got another name to it: their edges follow. Edges of ports named in `gone` go. */
export function replaceStep(
  document: JourneyDocument,
  id: string,
  step: Step,
  ports: { renamed?: Record<string, string>; gone?: readonly string[] } = {},
): JourneyDocument {
  if (document.steps[id] === step) return document;
  const edges = document.edges
    .filter((edge) => edge.from !== id || !ports.gone?.includes(edge.port))
    .map((edge) => {
      const port = edge.from === id ? ports.renamed?.[edge.port] : undefined;
      return port === undefined ? edge : { ...edge, port };
    });
  return { ...document, steps: { ...document.steps, [id]: step }, edges };
}

/** Names a step; in `language` when its name is given per language. An empty name takes the name away. */
export function nameStep(
  document: JourneyDocument,
  id: string,
  name: string,
  language: string,
): JourneyDocument {
  const step = document.steps[id];
  if (!step) return document;
  const { name: before, ...rest } = step;
  const after = writeText(before, name, language);
  return replaceStep(document, id, after === undefined ? rest : { ...rest, name: after });
}

/** A text after writing it in one language; undefined when nothing is left. */
export function writeText(
  before: Text | undefined,
  text: string,
  language: string,
): Text | undefined {
  if (typeof before !== 'object') return text === '' ? undefined : text;
  const { [language]: _old, ...others } = before;
  if (text !== '') return { ...others, [language]: text };
  return Object.keys(others).length > 0 ? others : undefined;
}

/** Leads a port to a step; what it led to before is let go. */
export function connect(
  document: JourneyDocument,
  from: string,
  port: string,
  to: string,
): JourneyDocument {
  if (!document.steps[from] || !document.steps[to]) return document;
  const index = document.edges.findIndex((edge) => edge.from === from && edge.port === port);
  const edge = { from, port, to };
  if (index < 0) return { ...document, edges: [...document.edges, edge] };
  if (document.edges[index]?.to === to) return document;
  return { ...document, edges: document.edges.with(index, edge) };
}

/** Lets a port lead nowhere. */
export function disconnect(document: JourneyDocument, from: string, port: string): JourneyDocument {
  const edges = document.edges.filter((edge) => edge.from !== from || edge.port !== port);
  return edges.length === document.edges.length ? document : { ...document, edges };
}

/**
 * Exchanges a step with the next or the one before it on the same branch. The very same document where there is none: at a
 * fork, at a join and at the ends of the branch.
 */
export function moveInBranch(document: JourneyDocument, id: string, by: -1 | 1): JourneyDocument {
  const entering = (step: string) => document.edges.filter((edge) => edge.to === step);
  const leaving = (step: string) => document.edges.filter((edge) => edge.from === step);
  const before = entering(id);
  const first = by > 0 ? id : before[0]?.from;
  if (first === undefined || (by < 0 && before.length !== 1)) return document;
  const [middle, fork] = leaving(first);
  if (!middle || fork) return document;
  const second = middle.to;
  const [last, otherLast] = leaving(second);
  const taken = [first, second].includes(last?.to ?? second) || entering(second).length !== 1;
  if (!last || otherLast || taken) return document;
  const places = positionsOf(document);
  const [top, bottom] = [places[first], places[second]];
  return {
    ...document,
    start: document.start === first ? second : document.start,
    edges: document.edges.map((edge) => {
      if (edge === middle) return { ...edge, to: last.to };
      if (edge === last) return { ...edge, to: first };
      return edge.to === first ? { ...edge, to: second } : edge;
    }),
    ...(top && bottom ? { layout: { ...places, [first]: bottom, [second]: top } } : {}),
  };
}

/** Begins the journey at another step. */
export function startAt(document: JourneyDocument, id: string): JourneyDocument {
  return document.start === id || !document.steps[id] ? document : { ...document, start: id };
}

/** Moves cards and notes to where they were dragged. */
export function moveItems(
  document: JourneyDocument,
  places: Record<string, Position>,
): JourneyDocument {
  const layout = { ...positionsOf(document) };
  for (const [id, { x, y }] of Object.entries(places))
    if (document.steps[id]) layout[id] = { x: Math.round(x), y: Math.round(y) };
  const notes = document.notes?.map((note) => {
    const place = places[note.id];
    return place ? { ...note, x: Math.round(place.x), y: Math.round(place.y) } : note;
  });
  return { ...document, layout, ...(notes ? { notes } : {}) };
}

/** Lays every card out anew. */
export function tidy(document: JourneyDocument): JourneyDocument {
  return { ...document, layout: tidied(document) };
}

/** Steps and the edges between them, as copied. */
export interface Clipping {
  steps: Record<string, Step>;
  edges: JourneyDocument['edges'];
  layout: Record<string, Position>;
}

/** What a selection is, cut out of its document. */
export function clip(document: JourneyDocument, ids: readonly string[]): Clipping {
  const positions = positionsOf(document);
  const kept = ids.filter((id) => document.steps[id]);
  return {
    steps: Object.fromEntries(
      kept.flatMap((id) => (document.steps[id] ? [[id, document.steps[id]]] : [])),
    ),
    edges: document.edges.filter((edge) => kept.includes(edge.from) && kept.includes(edge.to)),
    layout: Object.fromEntries(kept.map((id) => [id, positions[id] ?? { x: 0, y: 0 }])),
  };
}

/** Puts a clipping in under new ids, a little beside where it was. */
export function paste(
  document: JourneyDocument,
  clipping: Clipping,
): { document: JourneyDocument; ids: string[] } {
  const renamed = new Map<string, string>();
  for (const id of Object.keys(clipping.steps)) {
    const taken = (candidate: string): boolean =>
      Object.hasOwn(document.steps, candidate) || [...renamed.values()].includes(candidate);
    renamed.set(id, freshId(id.replace(/-\d+$/, ''), taken));
  }
  const steps = { ...document.steps };
  const layout = { ...positionsOf(document) };
  for (const [id, step] of Object.entries(clipping.steps)) {
    const fresh = renamed.get(id) ?? id;
    const place = clipping.layout[id] ?? { x: 0, y: 0 };
    // A join that is copied with its parallel step is the copy's.
    const of = step.kind === 'join' ? renamed.get(step.of) : undefined;
    steps[fresh] = step.kind === 'join' && of !== undefined ? { ...step, of } : step;
    layout[fresh] = freePlace({ x: place.x + 24, y: place.y + pitch.y }, Object.values(layout));
  }
  const edges = clipping.edges.map((edge) => ({
    ...edge,
    from: renamed.get(edge.from) ?? edge.from,
    to: renamed.get(edge.to) ?? edge.to,
  }));
  return {
    document: { ...document, steps, layout, edges: [...document.edges, ...edges] },
    ids: [...renamed.values()],
  };
}

/** Sticks a note on the canvas. */
export function addNote(
  document: JourneyDocument,
  at: Position,
): { document: JourneyDocument; id: string } {
  const notes = document.notes ?? [];
  const id = freshId('note', (candidate) => notes.some((note) => note.id === candidate));
  const note: Note = { id, text: '', x: Math.round(at.x), y: Math.round(at.y) };
  return { document: { ...document, notes: [...notes, note] }, id };
}

/** Writes a note. */
export function writeNote(document: JourneyDocument, id: string, text: string): JourneyDocument {
  const notes = document.notes?.map((note) => (note.id === id ? { ...note, text } : note));
  return notes ? { ...document, notes } : document;
}

/** Says which steps a note is about. */
export function noteAbout(
  document: JourneyDocument,
  id: string,
  steps: readonly string[],
): JourneyDocument {
  const notes = document.notes?.map((note) => {
    if (note.id !== id) return note;
    const { steps: _steps, ...rest } = note;
    return steps.length > 0 ? { ...rest, steps: [...steps] } : rest;
  });
  return notes ? { ...document, notes } : document;
}

function removeNote(document: JourneyDocument, id: string): JourneyDocument {
  const notes = document.notes?.filter((note) => note.id !== id);
  return notes && notes.length !== document.notes?.length ? { ...document, notes } : document;
}

/** Sets a field of the journey itself; `undefined` takes it away. */
export function setField<Key extends keyof JourneyDocument>(
  document: JourneyDocument,
  key: Key,
  value: JourneyDocument[Key] | undefined,
): JourneyDocument {
  const { [key]: _old, ...rest } = document;
  return (value === undefined ? rest : { ...rest, [key]: value }) as JourneyDocument;
}
