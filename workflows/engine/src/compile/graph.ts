import { escapePointer, type Edge, type Step, type WaitStep } from '@sojourn/schemas';
import { portsOf } from '../ports.ts';
import { parseDuration } from '../time/duration.ts';
import type { CompileEnvironment } from './environment.ts';
import type { Report } from './report.ts';
import { elementsOf, type KnownStep, type Left, type Shape } from './shape.ts';

/** Steps and where their ports lead, as far as edges are sound. */
export interface Graph {
  to: Map<string, Map<string, string>>;
  /** What is left of edges that are not whole: each may lead from anywhere to anywhere that it does not say. */
  loose: Left<Edge>[];
}

/** Where a step leads. */
export function nextOf(graph: Graph, id: string): Iterable<string> {
  return graph.to.get(id)?.values() ?? [];
}

/** Every step that can be reached, with those that it begins at. */
export function reachedFrom(
  from: Iterable<string>,
  next: (id: string) => Iterable<string>,
): Set<string> {
  const reached = new Set(from);
  for (const id of reached) for (const other of next(id)) reached.add(other); // walks what is added meanwhile, too
  return reached;
}

/** Resolves edges, and reports what does not hold together. */
export function checkGraph(shape: Shape, environment: CompileEnvironment, report: Report): Graph {
  const { edges } = shape.document;
  const graph: Graph = {
    to: new Map([...shape.stepIds].map((id) => [id, new Map<string, string>()])),
    loose: edges ? [] : [{}],
  };
  if (shape.stepIds.size === 0) return graph; // no steps: said already
  const ports = new Map<string, Ports>();
  for (const [id, step] of Object.entries(shape.steps)) {
    const known = knownPorts(id, step, shape, environment);
    if (known) ports.set(id, known);
  }
  for (const [index, edge = {}] of (edges ?? []).entries())
    addEdge(graph, shape, ports, edge, index, report);
  checkStart(shape, report);
  checkPorts(ports, graph, report);
  const reached = reachable(shape, graph);
  checkReached(shape, graph, reached, report);
  checkLoops(shape, graph, report);
  checkEnds(shape, graph, reached, report);
  return graph;
}

/** Ports by name, and whether each is required. With `more`, there may be others. */
interface Ports {
  required: Map<string, boolean>;
  more: boolean;
}

/** The fields that say which ports a step has. The first must be there; it may be a list of them. */
const portFields: Record<Step['kind'], readonly string[]> = {
  action: ['uses', 'with', 'deadline'],
  wait: ['for'],
  branch: ['cases'],
  split: ['arms'],
  parallel: ['branches'],
  call: ['journey', 'version'],
  ...{ join: [], repeat: [], set: [], end: [] },
};

/** The ports of a step as far as its shape is sound; undefined when none can be known. */
function knownPorts(
  id: string,
  step: KnownStep,
  shape: Shape,
  { manifests, journeys }: CompileEnvironment,
): Ports | undefined {
  const isSound = (field: string): boolean => shape.isSound(`/steps/${escapePointer(id)}/${field}`);
  const fields = portFields[step.kind];
  const [first = 'kind'] = fields;
  const value = (step as Record<string, unknown>)[first];
  const isWhole = value !== undefined && fields.every(isSound);
  if (!isWhole && !Array.isArray(value)) return undefined;
  const sound = Array.isArray(value)
    ? value.filter((_, index) => isSound(`${first}/${index}`))
    : value;
  const ports = portsOf({ ...step, [first]: sound } as Step, manifests, journeys);
  return (
    ports && {
      required: new Map(ports.map(({ port, required }) => [port, required])),
      more: !isWhole,
    }
  );
}

function addEdge(
  graph: Graph,
  shape: Shape,
  ports: ReadonlyMap<string, Ports>,
  edge: Left<Edge>,
  index: number,
  report: Report,
): void {
  const pointer = `/edges/${index}`;
  const fix = { title: 'Remove this edge', patch: [{ op: 'remove' as const, path: pointer }] };
  const { from, port, to } = edge;
  if (from === undefined || port === undefined || to === undefined) graph.loose.push(edge);
  const values = { from: from ?? '…', port: port ?? '…', to: to ?? '…' };
  for (const end of ['from', 'to'] as const) {
    if (edge[end] === undefined || shape.stepIds.has(edge[end])) continue;
    report.add({
      code: 'graph/dangling-edge',
      pointer: `${pointer}/${end}`,
      ...(end === 'to' && shape.stepIds.has(values.from) ? { stepId: values.from } : {}),
      message: `The edge from '${values.from}' by '${values.port}' to '${values.to}': there is no step '${edge[end]}'. Connect it to a step, or remove it.`,
      values,
      fix,
    });
  }
  if (from === undefined || port === undefined) return;
  const outs = graph.to.get(from);
  if (!outs || (to !== undefined && !shape.stepIds.has(to))) return;
  const known = ports.get(from);
  if (known && !known.more && !known.required.has(port)) {
    const names = [...known.required.keys()].slice(0, 50); // a config may name thousands
    report.add({
      code: 'graph/unknown-port',
      pointer: `${pointer}/port`,
      stepId: from,
      message: `Step '${from}' has no port '${port}'. It has ${names.map((name) => `'${name}'`).join(', ') || 'none'}.`,
      values: { port },
      fix,
    });
    return;
  }
  if (outs.has(port)) {
    report.add({
      code: 'graph/port-connected-twice',
      pointer,
      stepId: from,
      message: `Port '${port}' of step '${from}' leads to '${outs.get(port) ?? ''}' already. Remove one of the edges.`,
      values: { port },
      fix,
    });
    return;
  }
  if (to !== undefined) outs.set(port, to);
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

function checkPorts(ports: ReadonlyMap<string, Ports>, graph: Graph, report: Report): void {
  const loose = new Set(graph.loose.map(({ from = '*', port = '*' }) => `${from} ${port}`));
  for (const [id, { required }] of ports) {
    for (const [port, isRequired] of required) {
      if (!isRequired || graph.to.get(id)?.has(port)) continue;
      if ([`${id} ${port}`, `${id} *`, `* ${port}`, '* *'].some((way) => loose.has(way))) continue;
      report.add({
        code: 'graph/port-unconnected',
        pointer: `/steps/${escapePointer(id)}`,
        stepId: id,
        message: `Port '${port}' of step '${id}' leads nowhere. Connect it to a step.`,
        values: { port },
      });
    }
  }
}

function reachable(shape: Shape, graph: Graph): Set<string> {
  const { start } = shape.document;
  if (start === undefined || !shape.stepIds.has(start)) return new Set();
  const ends = graph.loose.flatMap(({ to = '' }) => (shape.stepIds.has(to) ? [to] : []));
  return reachedFrom([start, ...ends], (id) => nextOf(graph, id));
}

function checkReached(
  shape: Shape,
  graph: Graph,
  reached: ReadonlySet<string>,
  report: Report,
): void {
  if (reached.size === 0) return; // no start: said already
  if (graph.loose.some(({ to }) => to === undefined)) return; // it may lead there
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
    const ports = step.kind === 'wait' ? instantPorts(id, step, shape) : undefined;
    instant.set(
      id,
      [...outs]
        .filter(([port, to]) => ports?.has(port) !== false && shape.steps[to]?.kind !== 'repeat')
        .map(([, to]) => to),
    );
  }
  const places = new Map([...shape.stepIds].map((id, index) => [id, index]));
  const place = (id: string): number => places.get(id) ?? 0;
  for (const component of cycles(instant)) {
    const [first = ''] = [...component].sort((one, other) => place(one) - place(other));
    report.add({
      code: 'graph/unbounded-loop',
      pointer: `/steps/${escapePointer(first)}`,
      stepId: first,
      message: `The steps ${[...component].map((id) => `'${id}'`).join(', ')} lead back to each other without anything that takes time or counts. Put a repeat, or a wait, into the loop.`,
      values: { steps: [...component].join(', ') },
    });
  }
}

/** The ports by which leaving a wait may take no time. A fixed moment may be past; an event cannot come by itself. */
function instantPorts(id: string, { for: list }: Left<WaitStep>, shape: Shape): Set<unknown> {
  const pointer = `/steps/${escapePointer(id)}/for`;
  const instant = elementsOf(list).filter(([index, alternative]) => {
    if ('event' in alternative || !shape.isSound(`${pointer}/${index}`)) return false;
    const duration = 'after' in alternative ? parseDuration(alternative.after) : undefined;
    return !duration || !takesTime(duration);
  });
  return new Set(instant.map(([, { port }]) => port));
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

/**
 * From every step that can be reached, an end can be; an exit, or a goal that ends, is a way out from anywhere. What is broken may
 * be the way out, too.
 */
function checkEnds(shape: Shape, graph: Graph, reached: ReadonlySet<string>, report: Report): void {
  const { exits = [], goals = [] } = shape.document;
  if (exits.length > 0 || goals.some((goal) => goal?.ends === true)) return;
  if (!shape.isSound('/exits') || !shape.isSound('/goals') || graph.loose.length > 0) return;
  const back = new Map<string, string[]>([...shape.stepIds].map((id) => [id, []]));
  for (const [from, outs] of graph.to) for (const to of outs.values()) back.get(to)?.push(from);
  const ends = [...shape.stepIds].filter(
    (id) => shape.steps[id]?.kind === 'end' || !shape.isSound(`/steps/${escapePointer(id)}`),
  );
  const ending = reachedFrom(ends, (id) => back.get(id) ?? []);
  const first = [...shape.stepIds].find(
    (id) => reached.has(id) && !ending.has(id) && (graph.to.get(id)?.size ?? 0) > 0,
  );
  if (first === undefined) return;
  report.add({
    code: 'graph/never-ends',
    pointer: `/steps/${escapePointer(first)}`,
    stepId: first,
    message: `From step '${first}' on, no end can be reached. Lead some port to an end, or give the journey an exit.`,
  });
}
