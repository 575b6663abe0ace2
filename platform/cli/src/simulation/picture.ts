import type { Summary } from '@sojourn/engine/simulation';

const colours = [
  '#0f6b7a',
  '#3f7fd1',
  '#7a5bc7',
  '#c2853d',
  '#5b8c5a',
  '#b05a7a',
  '#6b7c8c',
  '#2b9c9c',
];
const endedColours = ['#c9d3d6', '#b5c3c8', '#dfe5e7', '#a3b4ba', '#e8d5c0'];
const width = 880;
const height = 360;
const left = 56;
const right = 250;
const top = 24;
const bottom = 40;
const mostNamed = 8;

/** Where people are at the end of each month, as an SVG: one bar a month, inside by step and ended by outcome. */
export function pictureOf({ people, months }: Summary): string {
  const steps = named(months.map(({ here }) => here));
  const outcomes = named(months.map(({ ended }) => ended));
  const parts = [
    ...steps.map((name, index) => ({
      name,
      colour: colours[index] ?? '#889',
      of: 'here' as const,
    })),
    ...outcomes.map((name, index) => ({
      name,
      colour: endedColours[index] ?? '#ccc',
      of: 'ended' as const,
    })),
  ];
  const inner = { width: width - left - right, height: height - top - bottom };
  const slot = inner.width / Math.max(1, months.length);
  const scale = inner.height / Math.max(1, people);
  const bars = months.flatMap((month, index) => {
    let y = height - bottom;
    const x = left + index * slot + slot * 0.12;
    return parts.map(({ name, colour, of }) => {
      const tall = (month[of][name] ?? 0) * scale;
      y -= tall;
      return tall < 0.2
        ? ''
        : `<rect x="${n(x)}" y="${n(y)}" width="${n(slot * 0.76)}" height="${n(tall)}" fill="${colour}"/>`;
    });
  });
  const labels = months.map(
    (month, index) =>
      `<text x="${n(left + (index + 0.5) * slot)}" y="${height - bottom + 16}" text-anchor="middle">${month.at.slice(0, 7)}</text>`,
  );
  const every = Math.ceil(months.length / 13);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const y = n(height - bottom - part * inner.height);
    return `<path d="M${left} ${y}H${n(width - right)}" stroke="#d9e0e2"/><text x="${left - 8}" y="${n(y + 4)}" text-anchor="end">${Math.round(part * people)}</text>`;
  });
  const key = parts.map(
    ({ name, colour, of }, index) =>
      `<rect x="${width - right + 20}" y="${top + index * 20}" width="12" height="12" fill="${colour}"/><text x="${width - right + 38}" y="${top + index * 20 + 10}">${escape(of === 'here' ? name : `ended: ${name}`)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="Inter, system-ui, sans-serif" font-size="11" fill="#33464d" role="img" aria-label="Where ${people} people are at the end of each month">
<rect width="${width}" height="${height}" fill="#ffffff"/>
${[...grid, ...bars.filter(Boolean), ...labels.filter((_, index) => index % every === 0), ...key].join('\n')}
</svg>
`;
}

/** The names that are met most, the others left out: a picture with forty colours says nothing. */
function named(counts: readonly Record<string, number>[]): string[] {
  const sums = new Map<string, number>();
  for (const one of counts)
    for (const [name, count] of Object.entries(one)) sums.set(name, (sums.get(name) ?? 0) + count);
  return [...sums]
    .sort(([one, first], [other, second]) => second - first || (one < other ? -1 : 1))
    .slice(0, mostNamed)
    .map(([name]) => name);
}

function n(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
