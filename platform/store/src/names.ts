// Names made of parts. Types, plugin ids and run ids contain no `/`, so the first one divides.

/** `type/key`, as events name a subject. */
export function subjectName({ type, key }: { type: string; key: string }): string {
  return `${type}/${key}`;
}

/** The parts of `type/key`. */
export function subjectOf(name: string): { type: string; key: string } {
  const at = name.indexOf('/');
  return { type: name.slice(0, at), key: name.slice(at + 1) };
}

/** The run in the name of something that belongs to it: `runId/…`. */
export function runOf(name: string): string {
  return name.slice(0, name.indexOf('/'));
}

/** Throws when an id would be taken for a longer one. */
export function requireRunId(id: string): void {
  if (id === '' || id.includes('/'))
    throw new Error(`run id '${id}' is empty or contains '/', which divides a run from its parts`);
}
