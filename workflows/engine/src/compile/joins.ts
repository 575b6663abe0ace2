import { escapePointer } from '@sojourn/schemas';
import type { Graph } from './graph.ts';
import type { Report } from './report.ts';
import type { Shape } from './shape.ts';

/** Reports joins that have nothing to bring together, and branches that meet without one. */
export function checkJoins(shape: Shape, graph: Graph, report: Report): void {
  for (const [id, step] of Object.entries(shape.steps)) {
    if (step.kind === 'join') checkJoin(id, step, shape, graph, report);
    if (step.kind === 'parallel') checkMeeting(id, step.branches, shape, graph, report);
  }
}

function checkJoin(
  id: string,
  step: { of: string; need?: 'all' | 'any' | number },
  shape: Shape,
  graph: Graph,
  report: Report,
): void {
  const pointer = `/steps/${escapePointer(id)}`;
  const parallel = shape.steps[step.of];
  if (parallel?.kind !== 'parallel') {
    if (shape.stepIds.has(step.of) && !parallel) return; // broken itself, and reported
    report.add({
      code: 'graph/join-without-parallel',
      pointer: `${pointer}/of`,
      stepId: id,
      message: `Join '${id}' brings together the ways of '${step.of}', which is no parallel step.`,
      values: { of: step.of },
    });
    return;
  }
  if (!reachedFrom(graph.to.get(step.of)?.values() ?? [], graph, () => false).has(id)) {
    report.add({
      code: 'graph/join-without-parallel',
      pointer: `${pointer}/of`,
      stepId: id,
      message: `No way of '${step.of}' leads to join '${id}'. Lead its branches there, or remove the join.`,
      values: { of: step.of },
    });
  }
  if (typeof step.need === 'number' && step.need > parallel.branches.length) {
    report.add({
      code: 'schema/invalid',
      pointer: `${pointer}/need`,
      stepId: id,
      message: `Join '${id}' needs ${step.need}, but '${step.of}' has only ${parallel.branches.length} ways.`,
    });
  }
}

/** Branches that come to the same step go on as separate tokens: said, since it is seldom meant. An end is where all may meet. */
function checkMeeting(
  id: string,
  branches: string[],
  shape: Shape,
  graph: Graph,
  report: Report,
): void {
  const isJoin = (other: string): boolean => {
    const step = shape.steps[other];
    return step?.kind === 'join' && step.of === id;
  };
  const seen = new Map<string, string>();
  for (const branch of branches) {
    const target = graph.to.get(id)?.get(branch);
    if (target === undefined) continue;
    for (const reached of reachedFrom([target], graph, isJoin)) {
      if (isJoin(reached) || shape.steps[reached]?.kind === 'end') continue;
      const other = seen.get(reached);
      if (other === undefined) {
        seen.set(reached, branch);
        continue;
      }
      report.add({
        code: 'graph/parallel-without-join',
        severity: 'warning',
        pointer: `/steps/${escapePointer(id)}`,
        stepId: id,
        message: `The ways '${other}' and '${branch}' of '${id}' meet at '${reached}' without a join: the person goes on from there twice. Put a join before it, or accept this with a reason.`,
        values: { one: other, other: branch, step: reached },
      });
      return;
    }
  }
}

/** Every step that can be reached, without going on from where it stops. */
function reachedFrom(
  from: Iterable<string>,
  graph: Graph,
  stops: (id: string) => boolean,
): Set<string> {
  const reached = new Set<string>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    if (!stops(id)) open.push(...(graph.to.get(id)?.values() ?? []));
  }
  return reached;
}
