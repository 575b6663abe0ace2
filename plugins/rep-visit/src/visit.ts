// What names a visit. Nothing is kept of visits here, so the name of one says whatever is needed to call it off or to move it, and
// nothing that another attempt might decide otherwise, such as its time.

/** A visit that was asked for. */
export interface Visit {
  taskId: string;
  /** Of the representative. */
  repId: string;
  durationMinutes: number;
}

/** The name of a visit: the reference of its effect. */
export function referenceOf({ taskId, repId, durationMinutes }: Visit): string {
  return [taskId, repId, durationMinutes].join('~');
}

/** The visit that a name says; undefined when it is none. */
export function visitOf(reference: string): Visit | undefined {
  const [, taskId, repId, duration] = /^([^\s@]+)~([^\s~@]+)~([1-9]\d{0,2})$/.exec(reference) ?? [];
  if (taskId === undefined || repId === undefined) return undefined;
  return { taskId, repId, durationMinutes: Number(duration) };
}

/** The UID of its appointment. */
export const uidOf = (reference: string, domain: string): string => `${reference}@${domain}`;

/** The reference in a UID of ours; undefined when it is another's. */
export function referenceIn(uid: string, domain: string): string | undefined {
  const end = uid.lastIndexOf('@');
  return end > 0 && uid.slice(end + 1).toLowerCase() === domain.toLowerCase()
    ? uid.slice(0, end)
    : undefined;
}
