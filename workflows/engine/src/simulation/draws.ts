import { sha256Hex } from '../hash.ts';

// Draws that are the same everywhere: the same text gives the same number on any machine, browser or Node.
//
//   D1. Only + − × ÷, square roots and 32-bit integers are used, which IEEE 754 and ECMAScript fix exactly. `Math.log` and
//       `Math.exp` are left to the platform, so logarithm and exponential are our own.
//   D2. A draw depends on the seed and on what it is for, not on the draws before it: a journey that gets one more step
//       leaves the luck of all others as it was.

/** A number in [0, 1) for each text. */
export type Draw = (text: string) => number;

/** Draws under a seed. */
export function drawsOf(seed: string): Draw {
  const hex = sha256Hex(seed);
  const one = Number.parseInt(hex.slice(0, 8), 16);
  const other = Number.parseInt(hex.slice(8, 16), 16);
  return (text) => {
    let low = one;
    let high = other;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      low = Math.imul(low ^ code, 0x9e3779b1);
      high = Math.imul(high ^ code, 0x85ebca6b);
      low = (low << 13) | (low >>> 19);
      high = (high << 17) | (high >>> 15);
    }
    low = mixed(low ^ high ^ text.length);
    high = mixed(high ^ low);
    return ((high >>> 5) * 0x4000000 + (low >>> 6)) / 0x20000000000000; // 53 bits
  };
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain): every bit of the input moves half of the output's. */
function mixed(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

const ln2 = 0.6931471805599453;

/** The natural logarithm of a number above 0. */
export function ln(x: number): number {
  let mantissa = x;
  let exponent = 0;
  for (; mantissa > 1.5; mantissa /= 2) exponent += 1;
  for (; mantissa < 0.75; mantissa *= 2) exponent -= 1;
  const z = (mantissa - 1) / (mantissa + 1);
  let sum = 0;
  let power = z;
  for (let n = 1; n < 30; n += 2) {
    sum += power / n;
    power *= z * z;
  }
  return 2 * sum + exponent * ln2;
}

/** e to the power of x; 0 below −700, and never more than e^700. */
export function exp(x: number): number {
  if (x < -700) return 0;
  const whole = Math.round(Math.min(x, 700) / ln2);
  const rest = Math.min(x, 700) - whole * ln2;
  let sum = 1;
  let term = 1;
  for (let n = 1; n < 20; n += 1) {
    term *= rest / n;
    sum += term;
  }
  const factor = whole < 0 ? 0.5 : 2;
  for (let n = Math.abs(whole); n > 0; n -= 1) sum *= factor;
  return sum;
}

// Peter J. Acklam, "An algorithm for computing the inverse normal cumulative distribution function" (2003): a relative error
// below 1.15e-9.
const a = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
  -3.066479806614716e1, 2.506628277459239,
];
const b = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
  -1.328068155288572e1, 1,
];
const c = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
  4.374664141464968, 2.938163982698783,
];
const d = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1];

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

/** The standard normal deviate below which a share `u` lies; `u` in [0, 1). */
export function normalOf(u: number): number {
  const p = Math.min(Math.max(u, 1e-15), 1 - 1e-15);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * ln(p));
    return polynomial(c, q) / polynomial(d, q);
  }
  if (p > 0.97575) return -normalOf(1 - p);
  const q = p - 0.5;
  const r = q * q;
  return (polynomial(a, r) * q) / polynomial(b, r);
}
