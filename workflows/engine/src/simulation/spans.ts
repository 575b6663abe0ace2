import { approximateMs, parseDuration } from '../time/duration.ts';
import { exactInstant } from '../time/instants.ts';
import { exp, ln, normalOf } from './draws.ts';
import type { AttributeDraw, Span } from './request.ts';
import type { Json } from '../plan.ts';

/** A request that cannot be simulated: what is wrong, and where. */
export class SimulationError extends Error {
  override name = 'SimulationError';
  readonly pointer: string;
  constructor(pointer: string, detail: string) {
    super(detail);
    this.pointer = pointer;
  }
}

/** Milliseconds of an ISO 8601 duration; a day is 24 hours. */
export function spanMs(text: string, pointer: string): number {
  const duration = parseDuration(text);
  if (!duration || duration.negative)
    throw new SimulationError(pointer, `'${text}' is no duration: give one such as PT2H or P3D`);
  return approximateMs(duration);
}

/** A span as a function of a draw in [0, 1). */
export function spanOf(span: Span | undefined, pointer: string): (u: number) => number {
  if (span === undefined) return () => 0;
  if (typeof span === 'string') {
    const fixed = spanMs(span, pointer);
    return () => fixed;
  }
  if ('exponential' in span) {
    const mean = spanMs(span.exponential, `${pointer}/exponential`);
    return (u) => Math.round(-mean * ln(1 - u));
  }
  if ('lognormal' in span) {
    const median = spanMs(span.lognormal[0], `${pointer}/lognormal/0`);
    const sigma = span.lognormal[1];
    return (u) => Math.round(Math.min(median * exp(sigma * normalOf(u)), 3.2e12));
  }
  if ('normal' in span) {
    const mean = spanMs(span.normal[0], `${pointer}/normal/0`);
    const deviation = spanMs(span.normal[1], `${pointer}/normal/1`);
    return (u) => Math.max(0, Math.round(mean + deviation * normalOf(u)));
  }
  const from = spanMs(span.uniform[0], `${pointer}/uniform/0`);
  const to = spanMs(span.uniform[1], `${pointer}/uniform/1`);
  return (u) => Math.round(from + (to - from) * u);
}

/** The instant of a date (its midnight in UTC) or of an instant. */
export function instantOf(text: string, pointer: string): number {
  const at = exactInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (at === undefined)
    throw new SimulationError(
      pointer,
      `'${text}' is no instant: give one such as 2027-01-05T09:00:00Z, or a date`,
    );
  return at;
}

/** An attribute as a function of a draw in [0, 1). */
export function attributeOf(draw: AttributeDraw, pointer: string): (u: number) => Json {
  if ('value' in draw) return () => draw.value;
  if ('chance' in draw) return (u) => u < draw.chance;
  if ('choice' in draw) {
    const choose = choiceOf(Object.entries(draw.choice), pointer);
    return (u) => choose(u) ?? null;
  }
  if ('dates' in draw) {
    const from = instantOf(draw.dates[0], `${pointer}/dates/0`) / 86_400_000;
    const to = instantOf(draw.dates[1], `${pointer}/dates/1`) / 86_400_000;
    return (u) =>
      new Date(Math.floor(from + (to + 1 - from) * u) * 86_400_000).toISOString().slice(0, 10);
  }
  const digits = 10 ** (draw.decimals ?? 0);
  const rounded = (value: number): number => Math.round(value * digits) / digits;
  if ('uniform' in draw) {
    const [from, to] = draw.uniform;
    return (u) => rounded(from + (to - from) * u);
  }
  if (!('normal' in draw))
    throw new SimulationError(
      pointer,
      'say how it is drawn: choice, normal, uniform, dates, chance or value',
    );
  const [mean, deviation] = draw.normal;
  const { min = -Infinity, max = Infinity } = draw;
  return (u) => rounded(Math.min(max, Math.max(min, mean + deviation * normalOf(u))));
}

/** One of several by weight; undefined where the weights leave something of 1. Weights above 1 in sum are divided by it. */
export function choiceOf<Item>(
  weighted: readonly (readonly [Item, number])[],
  pointer: string,
): (u: number) => Item | undefined {
  const sum = weighted.reduce((all, [, weight]) => all + weight, 0);
  if (weighted.some(([, weight]) => !(weight >= 0)) || !Number.isFinite(sum))
    throw new SimulationError(pointer, 'weights are numbers from 0 on');
  const whole = Math.max(1, sum);
  return (u) => {
    let passed = 0;
    for (const [item, weight] of weighted) {
      passed += weight / whole;
      if (u < passed) return item;
    }
    return sum >= 1 ? weighted.at(-1)?.[0] : undefined; // what rounding left over
  };
}
