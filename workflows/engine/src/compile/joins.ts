import { escapePointer, type JoinStep } from '@sojourn/schemas';
import { nextOf, reachedFrom, type Graph } from './graph.ts';
import type { Report } from './report.ts';
import { elementsOf, mostComparisons, type Left, type Shape } from './shape.ts';

/** Reports joins that have nothing to bring together, and branches that meet without one. */
export function checkJoins(shape: Shape, graph: Graph, report: Report): void {
  const steps = Object.entries(shape.steps).filter(
    ([, { kind }]) => kind === 'join' || kind === 'parallel',
  );
  if (steps.length * shape.stepIds.size > mostComparisons) return; // each is a walk through all
  for (const [id, step] of steps) {
    if (step.kind === 'join' && step.of !== undefined)
      checkJoin(id, { ...step, of: step.of }, shape, graph, report);
    if (step.kind === 'parallel') checkMeeting(id, step.branches, shape, graph, report);
  }
}

function checkJoin(
  id: string,
  step: Left<JoinStep> & Pick<JoinStep, 'of'>,
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
  if (graph.loose.length === 0 && !reachedFrom([step.of], (from) => nextOf(graph, from)).has(id)) {
    report.add({
      code: 'graph/join-without-parallel',
      pointer: `${pointer}/of`,
      stepId: id,
      message: `No way of '${step.of}' leads to join '${id}'. Lead its branches there, or remove the join.`,
      values: { of: step.of },
    });
  }
  const { branches } = parallel;
  if (!branches || !shape.isSound(`/steps/${escapePointer(step.of)}/branches`)) return;
  if (typeof step.need === 'number' && step.need > branches.length) {
    report.add({
      code: 'schema/invalid',
      pointer: `${pointer}/need`,
      stepId: id,
      message: `Join '${id}' needs ${step.need}, but '${step.of}' has only ${branches.length} ways.`,
    });
  }
}

/** Branches that come to the same step go on as separate tokens: said, since it is seldom meant. An end is where all may meet. */
function checkMeeting(
  id: string,
  branches: readonly (string | undefined)[] | undefined,
  shape: Shape,
  graph: Graph,
  report: Report,
): void {
  const isJoin = (other: string): boolean => {
    const step = shape.steps[other]; // what is broken may be the join
    return !step || (step.kind === 'join' && (step.of ?? id) === id);
  };
  const next = (from: string): Iterable<string> => (isJoin(from) ? [] : nextOf(graph, from));
  const seen = new Map<string, string>();
  for (const [, branch] of elementsOf(branches)) {
    const target = graph.to.get(id)?.get(branch);
    if (target === undefined) continue;
    for (const reached of reachedFrom([target], next)) {
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
