import { Environment, ParseError, type ASTNode, type ParseResult } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';

// Our CEL: the standard language without what could run away or answer differently on another machine.
//
//   X1. Bounded: 2,000 characters, 500 nodes, depth 24, at most two comprehensions inside one another.
//   X2. No backtracking: `matches` is refused; `re` does the same on RE2, in linear time.
//   X3. No hidden clock or zone: the getX(zone) methods read the machine's zone and are refused; `now` is the instant of
//       the decision.
//   X4. JSON numbers are doubles and literals are ints: the four operations work on both together.

export const longestExpression = 2_000;

/** Where in an expression something is wrong, from 0, and what. */
export interface ExpressionFault {
  kind: 'syntax' | 'type' | 'unknown-name';
  message: string;
  start: number;
  end: number;
}

/** An expression, parsed, guarded and checked. */
export interface Expression {
  text: string;
  ast: ASTNode;
  /** The type the checker infers: `bool`, `int`, `dyn` … */
  type: string;
  run: ParseResult;
}

const comprehensions = new Set([
  'all',
  'exists',
  'exists_one',
  'map',
  'filter',
  'transformList',
  'transformMap',
  'bind',
]);
const zoneMethods =
  /^get(FullYear|Month|Date|DayOfMonth|DayOfWeek|DayOfYear|Hours|Minutes|Seconds|Milliseconds)$/;

/** The names an expression may start with, beside `event`, which only events' conditions see. */
export const rootNames = ['subject', 'entry', 'vars', 'steps', 'run', 'now', 'event'] as const;

/** Types of a root's own fields, where a document declares them. */
export type FieldTypes = Record<
  string,
  'string' | 'int' | 'double' | 'bool' | 'list<dyn>' | 'map<string, dyn>'
>;

const environment = createEnvironment([]);

function createEnvironment(typed: readonly string[]): Environment {
  const created = new Environment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: { maxAstNodes: 500, maxDepth: 24, maxListElements: 200 },
  });
  for (const name of rootNames) {
    if (typed.includes(name)) continue;
    created.registerVariable(name, name === 'now' ? 'google.protobuf.Timestamp' : 'dyn');
  }
  created.registerFunction('string.re(string): bool', (text: string, pattern: string) =>
    RE2JS.compile(pattern).matcher(text).find(),
  );
  const operations = {
    '+': (a: number, b: number) => a + b,
    '-': (a: number, b: number) => a - b,
    '*': (a: number, b: number) => a * b,
    '/': (a: number, b: number) => a / b,
    '%': (a: number, b: number) => a % b,
  };
  for (const [sign, operation] of Object.entries(operations)) {
    created.registerOperator(`int ${sign} double`, (a: bigint, b: number) =>
      operation(Number(a), b),
    ); // X4
    created.registerOperator(`double ${sign} int`, (a: number, b: bigint) =>
      operation(a, Number(b)),
    );
  }
  created.registerOperator('double % double', operations['%']);
  return created;
}

const parsed = new Map<string, Expression | ExpressionFault>();

/** The expression of a text, or what is wrong with it. Parsed once per text. */
export function expressionOf(text: string): Expression | ExpressionFault {
  let known = parsed.get(text);
  if (!known) {
    if (parsed.size >= 5_000) parsed.clear(); // one process meets few texts; a fuzzer many
    known = parse(text);
    parsed.set(text, known);
  }
  return known;
}

/** Whether what `expressionOf` answered is a fault. */
export function isFault(answer: Expression | ExpressionFault): answer is ExpressionFault {
  return 'kind' in answer;
}

function parse(text: string): Expression | ExpressionFault {
  if (text.length > longestExpression) {
    return {
      kind: 'syntax',
      message: `longer than ${longestExpression} characters`,
      start: 0,
      end: text.length,
    };
  }
  try {
    const run = environment.parse(text);
    const refused = refusal(run.ast, 0);
    if (refused) return refused;
    const checked = run.check();
    if (!checked.valid && checked.error) return toFault(checked.error, text);
    return { text, ast: run.ast, type: checked.type ?? 'dyn', run };
  } catch (error) {
    return toFault(error, text);
  }
}

function toFault(error: unknown, text: string): ExpressionFault {
  const given = error as {
    code?: string;
    summary?: string;
    message?: string;
    range?: { start: number; end: number };
  };
  const kind =
    given.code === 'unknown_variable'
      ? 'unknown-name'
      : error instanceof ParseError
        ? 'syntax'
        : 'type';
  const range = given.range ?? { start: 0, end: text.length };
  return {
    kind,
    message: given.summary ?? firstLine(given.message) ?? 'not an expression',
    start: range.start,
    end: range.end,
  };
}

function firstLine(text: string | undefined): string | undefined {
  return text?.split('\n', 1)[0];
}

/** The first call that X1 to X3 forbid. */
function refusal(node: ASTNode, nested: number): ExpressionFault | undefined {
  const calls = node.op === 'call' || node.op === 'rcall';
  const name = calls ? node.args[0] : '';
  const fault = (message: string): ExpressionFault => ({
    kind: 'syntax',
    message,
    start: node.start,
    end: node.end,
  });
  if (name === 'matches') return fault("'matches' can run away: write text.re('pattern')");
  if (node.op === 'rcall' && zoneMethods.test(name)) {
    return fault(
      `'${name}' reads the machine's time zone: compare instants, or compute the value outside`,
    );
  }
  const depth = calls && comprehensions.has(name) ? nested + 1 : nested;
  if (depth > 2) return fault('at most two of all, exists, map, filter inside one another');
  for (const child of childrenOf(node)) {
    const found = refusal(child, depth);
    if (found) return found;
  }
  return undefined;
}

/** The nodes directly below a node, whatever its shape. */
export function childrenOf(node: ASTNode): ASTNode[] {
  const found: ASTNode[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    else if (typeof value === 'object' && value !== null && 'op' in value)
      found.push(value as ASTNode);
  };
  visit(node.args);
  return found;
}

/** How deep comprehensions stand inside one another. */
export function comprehensionDepth(node: ASTNode): number {
  const known = depths.get(node);
  if (known !== undefined) return known;
  const depth = measuredDepth(node);
  depths.set(node, depth);
  return depth;
}

const depths = new WeakMap<ASTNode, number>();

function measuredDepth(node: ASTNode): number {
  const own =
    (node.op === 'call' || node.op === 'rcall') && comprehensions.has(node.args[0]) ? 1 : 0;
  return own + Math.max(0, ...childrenOf(node).map(comprehensionDepth));
}

/**
 * A second look at expressions by the types that a document declares: answers the type an expression gives, or why it gives
 * none. A field that is not declared is left to the look at names.
 */
export function typeChecker(
  fields: Record<string, FieldTypes>,
): (text: string) => string | ExpressionFault {
  const declared = Object.entries(fields).filter(([, types]) => Object.keys(types).length > 0);
  const typed = createEnvironment(declared.map(([root]) => root));
  for (const [root, types] of declared) typed.registerVariable(root, { schema: types });
  return (text) => {
    const checked = typed.check(text);
    if (checked.valid) return checked.type ?? 'dyn';
    if ((checked.error as { code?: string } | undefined)?.code === 'no_such_key') return 'dyn';
    return toFault(checked.error, text);
  };
}
