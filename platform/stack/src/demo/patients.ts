import { readFileSync } from 'node:fs';

// The demo's patients: the published test cases of the quality measure CMS128 (antidepressant medication management), CC0.
// Their dispensings are real test data; names and addresses are made, and say so (`madeUp`).

/** One completed dispensing of a published case. */
interface Supply {
  type: string;
  status: string;
  date: string;
  days: number | null;
  code: string;
}

interface PublishedCase {
  file: string;
  description: string;
  supplies: Supply[];
}

/** A patient of the demo, with the fills of their prescription in the order of their dates. */
export interface DemoPatient {
  key: string;
  attributes: Record<string, string | boolean>;
  fills: {
    filledOn: string;
    data: {
      prescriptionId: string;
      daysSupply: number;
      code: string;
      gapDays: number;
      filledOn: string;
    };
  }[];
}

const names = [
  ['Wai-ling', 'Chan', 'zh-Hant'],
  ['Mei-hua', 'Lin', 'zh-Hant'],
  ['Ada', 'Byron', 'en'],
  ['Chih-ming', 'Wang', 'zh-Hant'],
  ['Grace', 'Hill', 'en'],
  ['Xiaoyan', 'Liu', 'zh-Hans'],
  ['Ka-ho', 'Lee', 'zh-Hant'],
  ['Noor', 'Haddad', 'en'],
  ['Shu-fen', 'Yeh', 'zh-Hant'],
  ['Tomás', 'Ibarra', 'en'],
  ['Jianguo', 'Zhao', 'zh-Hans'],
  ['Siu-fong', 'Ng', 'zh-Hant'],
  ['Elin', 'Berg', 'en'],
] as const;

const dayMs = 86_400_000;
const day = (text: string): number => Date.parse(`${text}T00:00:00Z`) / dayMs;
const text = (days: number): string => new Date(days * dayMs).toISOString().slice(0, 10);

/** The published cases as patients, their dates shifted so that the last fill is 1 to 25 days before `today` (YYYY-MM-DD). */
export function demoPatients(today: string): DemoPatient[] {
  const path = new URL('../../data/cms128.json', import.meta.url);
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: PublishedCase[] };
  return cases.map((published, index) => patientOf(published, index, day(today)));
}

function patientOf(published: PublishedCase, index: number, today: number): DemoPatient {
  const id = published.file.replace(/^tests-/, '').slice(0, 8);
  const [given = '', family = '', locale = 'en'] = names[index % names.length] ?? [];
  const supplies = published.supplies
    .filter(
      (supply) =>
        supply.type === 'MedicationDispense' &&
        supply.status === 'completed' &&
        supply.days !== null,
    )
    .sort((one, other) => one.date.localeCompare(other.date));
  const last = supplies.at(-1);
  const shift = last ? today - (1 + (index % 25)) - day(last.date) : 0;
  let coveredUntil: number | undefined;
  const fills = supplies.map((supply) => {
    const filled = day(supply.date) + shift;
    const daysSupply = supply.days ?? 0;
    const gapDays = coveredUntil === undefined ? 0 : filled - coveredUntil;
    coveredUntil = Math.max(filled, coveredUntil ?? filled) + daysSupply;
    const filledOn = text(filled);
    return {
      filledOn,
      data: { prescriptionId: `rx-${id}`, daysSupply, code: supply.code, gapDays, filledOn },
    };
  });
  return {
    key: `p-${id}`,
    attributes: {
      givenName: given,
      familyName: family,
      email: `${given}.${family}.${index + 1}@patients.example`
        .normalize('NFD')
        .replace(/[^A-Za-z0-9.@-]/g, '')
        .toLowerCase(),
      phone: `+447700900${String(index + 1).padStart(3, '0')}`, // nobody's: Ofcom keeps these for drama
      locale,
      timeZone: index % 3 === 0 ? 'Asia/Hong_Kong' : 'Asia/Taipei',
      prefers: index % 4 === 0 ? 'brief' : 'full',
      ...(coveredUntil === undefined ? {} : { refillDueOn: text(coveredUntil) }),
      madeUp: true,
    },
    fills,
  };
}
