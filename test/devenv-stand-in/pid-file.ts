/** processes.pid as devenv reads it: a number, and `kill -0`, which takes zombies and strangers for the process. */
import { existsSync, readFileSync } from 'node:fs';

export type PidFile =
  { readonly is: 'missing' | 'invalid' } | { readonly is: 'alive' | 'stale'; readonly pid: number };

export function readPidFile(path: string): PidFile {
  if (!existsSync(path)) return { is: 'missing' };
  const text = readFileSync(path, 'utf8').trim();
  if (!/^\d+$/.test(text)) return { is: 'invalid' };
  const pid = Number(text);
  return { is: answers(pid) ? 'alive' : 'stale', pid };
}

export function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** false: there is no such process, or group. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

/** Up to `boundMs`; false: it is still there. */
export async function waitGone(pid: number, boundMs: number): Promise<boolean> {
  const deadline = performance.now() + boundMs;
  for (let pause = 10; answers(pid); pause = Math.min(pause * 1.5, 1_000)) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return true;
}
