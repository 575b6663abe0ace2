import type { ASTNode } from '@marcbachmann/cel-js';
import { childrenOf, rootNames } from './language.ts';

/** A path that an expression reads from one of the root names, such as `subject.refillDueOn`. */
export interface Reference {
  root: string;
  path: string[];
  start: number;
  end: number;
}

const roots = new Set<string>(rootNames);

/** Every path an expression reads, the longest of each. Inside a comprehension its own variables are no roots. */
export function referencesOf(ast: ASTNode): Reference[] {
  const found: Reference[] = [];
  collect(ast, new Set(), found);
  return found;
}

function collect(node: ASTNode, bound: ReadonlySet<string>, found: Reference[]): void {
  const reference = pathOf(node, bound);
  if (reference) {
    found.push(reference);
    return;
  }
  if (node.op === 'rcall') {
    const [, target, args] = node.args;
    const variable = args[0]?.op === 'id' && args.length > 1 ? args[0].args : undefined;
    collect(target, bound, found);
    const inner = variable === undefined ? bound : new Set([...bound, variable]);
    for (const argument of variable === undefined ? args : args.slice(1))
      collect(argument, inner, found);
    return;
  }
  for (const child of childrenOf(node)) collect(child, bound, found);
  if (node.op === '[]' || node.op === '[?]') return;
}

/** `a.b["c"]` as a path, when it starts at a root and every key is written out. */
function pathOf(node: ASTNode, bound: ReadonlySet<string>): Reference | undefined {
  if (node.op === 'id') {
    if (!roots.has(node.args) || bound.has(node.args)) return undefined;
    return { root: node.args, path: [], start: node.start, end: node.end };
  }
  if (node.op === '.' || node.op === '.?') {
    const base = pathOf(node.args[0], bound);
    return base && { ...base, path: [...base.path, node.args[1]], end: node.end };
  }
  if (node.op === '[]' || node.op === '[?]') {
    const base = pathOf(node.args[0], bound);
    const key = node.args[1];
    if (base && key.op === 'value' && typeof key.args === 'string') {
      return { ...base, path: [...base.path, key.args], end: node.end };
    }
  }
  return undefined;
}
