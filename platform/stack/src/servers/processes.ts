import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { systemCodeOf } from './errors.ts';

const run = promisify(execFile);

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === 'EPERM';
  }
}

/** The command line of a process, its arguments joined by blanks; undefined when there is no such process. */
export async function commandLineOf(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'linux') {
      const line = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8');
      // A process that has ended and was not waited for has an empty command line.
      return line === '' ? undefined : line.replace(/\0$/, '').replaceAll('\0', ' ');
    }
    const { stdout } = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
    return stdout.trim();
  } catch {
    return undefined;
  }
}

/** When a process began, in words of the system's own; undefined when there is no such process. */
export async function startMarkOf(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'linux') {
      const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
      // Field 22. The second field is a name in parentheses that may itself hold blanks and parentheses.
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    }
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim();
  } catch {
    return undefined;
  }
}
