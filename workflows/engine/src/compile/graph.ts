import { escapePointer, type Step } from '@sojourn/schemas';
import { portsOf, type Port } from '../ports.ts';
import { parseDuration } from '../time/duration.ts';
import type { CompileEnvironment } from './environment.ts';
import type { Report } from './report.ts';
import type { Shape } from './shape.ts';

/** Steps and where their ports lead, as far as edges are sound. */
export interface Graph {
  to: Map<string, Map<string, string>>;
}

/** Resolves edges, and reports what does not hold together. */
export function checkGraph(
  shape: Shape,
  { manifests, journeys }: CompileEnvironment,
  report: Report,
): Graph {
  const graph: Graph = {
    to: new Map([...shape.stepIds].map((id) => [id, new Map<string, string>()])),
  };
  const ports = new Map<string, Port[] | undefined>();
  for (const [id, step] of Object.entries(shape.steps))
    ports.set(id, portsOf(step, manifests, journeys));
  for (const { edge, index } of shape.edges) addEdge(graph, shape, ports, edge, index, report);
  checkStart(shape, report);
  for (const [id, known] of ports) checkPorts(id, known, graph, report);
  const reached = reachable(shape, graph);
  checkReached(shape, reached, report);
  checkLoops(shape, graph, report);
  checkEnds(shape, graph, reached, report);
  return graph;
}

function addEdge(
  graph: Graph,
  shape: Shape,
  ports: ReadonlyMap<string, Port[] | undefined>,
  edge: { from: string; port: string; to: string },
  index: number,
  report: Report,
): void {
  const pointer = `/edges/${index}`;
  const fix = { title: 'Remove this edge', patch: [{ op: 'remove' as const, path: pointer }] };
  for (const end of ['from', 'to'] as const) {
    if (shape.stepIds.has(edge[end])) continue;
    report.add({
      code: 'graph/dangling-edge',
      pointer: `${pointer}/${end}`,
      ...(end === 'to' && shape.stepIds.has(edge.from) ? { stepId: edge.from } : {}),
      message: `The edge from '${edge.from}' by '${edge.port}' to '${edge.to}': there is no step '${edge[end]}'. Connect it to a step, or remove it.`,
      values: { from: edge.from, port: edge.port, to: edge.to },
      fix,
    });
  }
  const outs = graph.to.get(edge.from);
  if (!outs || !shape.stepIds.has(edge.to)) return;
  const known = ports.get(edge.from);
  if (known && !known.some(({ port }) => port === edge.port)) {
    report.add({
      code: 'graph/unknown-port',
      pointer: `${pointer}/port`,
      stepId: edge.from,
      message: `Step '${edge.from}' has no port '${edge.port}'. It has ${known.map(({ port }) => `'${port}'`).join(', ') || 'none'}.`,
      values: { port: edge.port },
      fix,
    });
    return;
  }
  if (outs.has(edge.port)) {
    report.add({
      code: 'graph/port-connected-twice',
      pointer,
      stepId: edge.from,
      message: `Port '${edge.port}' of step '${edge.from}' leads to '${outs.get(edge.port) ?? ''}' already. Remove one of the edges.`,
      values: { port: edge.port },
      fix,
    });
    return;
  }
  outs.set(edge.port, edge.to);
}

function checkStart(shape: Shape, report: Report): void {
  const { start } = shape.document;
  if (start === undefined || shape.stepIds.has(start)) return;
  report.add({
    code: 'graph/dangling-edge',
    pointer: '/start',
    message: `The journey starts at '${start}', but there is no such step.`,
    values: { to: start },
  });
}

function checkPorts(id: string, known: Port[] | undefined, graph: Graph, report: Report): void {
  const outs = graph.to.get(id);
  for (const { port, required } of known ?? []) {
    if (!required || outs?.has(port)) continue;
    report.add({
      code: 'graph/port-unconnected',
      pointer: `/steps/${escapePointer(id)}`,
      stepId: id,
      message: `Port '${port}' of step '${id}' leads nowhere. Connect it to a step.`,
      values: { port },
    });
  }
}

function reachable(shape: Shape, graph: Graph): Set<string> {
  const { start } = shape.document;
  const reached = new Set<string>();
  const open = start !== undefined && shape.stepIds.has(start) ? [start] : [];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    open.push(...(graph.to.get(id)?.values() ?? []));
  }
  return reached;
}

function checkReached(shape: Shape, reached: ReadonlySet<string>, report: Report): void {
  if (reached.size === 0) return; // no start: said already
  for (const id of shape.stepIds) {
    if (reached.has(id)) continue;
    report.add({
      code: 'graph/unreachable',
      pointer: `/steps/${escapePointer(id)}`,
      stepId: id,
      message: `Nobody can get to step '${id}'. Connect it, or remove it.`,
    });
  }
}

/**
 * Every cycle must contain a `repeat`, or a `wait` whose every alternative inside the cycle takes time or needs an event from
 * outside. So: take away the repeats, and of waits the edges that may take no time stay. A cycle that is left is unbounded.
 */
function checkLoops(shape: Shape, graph: Graph, report: Report): void {
  const instant = new Map<string, string[]>();
  for (const [id, outs] of graph.to) {
    const step = shape.steps[id];
    if (!step || step.kind === 'repeat') continue;
    instant.set(
      id,
      [...outs]
        .filter(([port, to]) => isInstant(step, port) && shape.steps[to]?.kind !== 'repeat')
        .map(([, to]) => to),
    );
  }
  for (const component of cycles(instant)) {
    const first = [...shape.stepIds].find((id) => component.has(id)) ?? '';
    report.add({
      code: 'graph/unbounded-loop',
      pointer: `/steps/${escapePointer(first)}`,
      stepId: first,
      message: `The steps ${[...component].map((id) => `'${id}'`).join(', ')} lead back to each other without anything that takes time or counts. Put a repeat, or a wait, into the loop.`,
      values: { steps: [...component].join(', ') },
    });
  }
}

/** Whether leaving by this port may take no time. A fixed moment may be past; an event cannot come by itself. */
function isInstant(step: Step, port: string): boolean {
  if (step.kind !== 'wait') return true;
  return step.for
    .filter((alternative) => alternative.port === port)
    .some((alternative) => {
      if ('event' in alternative) return false;
      if (!('after' in alternative)) return true;
      const duration = parseDuration(alternative.after);
      return !duration || !takesTime(duration);
    });
}

function takesTime(duration: {
  years: number;
  months: number;
  weeks: number;
  days: number;
  exactMs: number;
  negative: boolean;
}): boolean {
  return (
    !duration.negative &&
    duration.years + duration.months + duration.weeks + duration.days + duration.exactMs > 0
  );
}

/** The strongly connected components that hold a cycle (Tarjan's algorithm, without recursion: plans may be long). */
function cycles(edges: ReadonlyMap<string, readonly string[]>): Set<string>[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const onStack = new Set<string>();
  const stack: string[] = [];
  const found: Set<string>[] = [];
  for (const root of edges.keys()) {
    if (index.has(root)) continue;
    const work: { id: string; next: number }[] = [{ id: root, next: 0 }];
    for (let frame = work[work.length - 1]; frame; frame = work[work.length - 1]) {
      const { id } = frame;
      if (frame.next === 0) {
        index.set(id, index.size);
        low.set(id, index.get(id) ?? 0);
        stack.push(id);
        onStack.add(id);
      }
      const target = edges.get(id)?.[frame.next];
      frame.next += 1;
      if (target !== undefined) {
        if (!index.has(target) && edges.has(target)) work.push({ id: target, next: 0 });
        else if (onStack.has(target))
          low.set(id, Math.min(low.get(id) ?? 0, index.get(target) ?? 0));
        continue;
      }
      work.pop();
      const parent = work[work.length - 1];
      if (parent) low.set(parent.id, Math.min(low.get(parent.id) ?? 0, low.get(id) ?? 0));
      if (low.get(id) !== index.get(id)) continue;
      const component = new Set<string>();
      for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
        onStack.delete(member);
        component.add(member);
        if (member === id) break;
      }
      if (component.size > 1 || edges.get(id)?.includes(id)) found.push(component);
    }
  }
  return found;
}

/** From every step that can be reached, an end can be; an exit, or a goal that ends, is a way out from anywhere. */
function checkEnds(shape: Shape, graph: Graph, reached: ReadonlySet<string>, report: Report): void {
  const { exits = [], goals = [] } = shape.document;
  if (exits.length > 0 || goals.some((goal) => goal.ends === true)) return;
  if (['exits', 'goals', 'edges', 'steps'].some((part) => shape.broken.has(part))) return; // what is broken may be the way out
  const back = new Map<string, string[]>();
  for (const [from, outs] of graph.to) {
    for (const to of outs.values()) back.set(to, [...(back.get(to) ?? []), from]);
  }
  const ending = new Set<string>();
  const open = Object.entries(shape.steps)
    .filter(([, step]) => step.kind === 'end')
    .map(([id]) => id);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (ending.has(id)) continue;
    ending.add(id);
    open.push(...(back.get(id) ?? []));
  }
  const stuck = [...reached].filter((id) => !ending.has(id) && (graph.to.get(id)?.size ?? 0) > 0);
  const first = [...shape.stepIds].find((id) => stuck.includes(id));
  if (first === undefined) return;
  report.add({
    code: 'graph/never-ends',
    pointer: `/steps/${escapePointer(first)}`,
    stepId: first,
    message: `From step '${first}' on, no end can be reached. Lead some port to an end, or give the journey an exit.`,
  });
}
