/** The only door to kill(2): one process, checked again by pid and start time right before. */
import type { ProcessId } from '../core/process.ts';
import { isDead } from '../core/process.ts';
import { readStat, readUid } from './table.ts';

export type SignalOutcome = 'sent' | 'gone' | 'refused';

/**
 * Signal the process that `id` names and no other. `gone`: it ended, or is a zombie, or another process has its pid.
 * `refused`: ourselves, an ancestor of ours, another uid, or no pid at all (0 and negative numbers are groups to kill(2)).
 *
 * Some 50 µs pass between the check and the signal; a pid is reused after seconds at the earliest. Groups are never signalled:
 * process-compose#520 shows what a group misses, and a group may contain a stranger.
 */
export function signalProcess(id: ProcessId, signal: NodeJS.Signals): SignalOutcome {
  const { pid } = id;
  if (!Number.isSafeInteger(pid) || pid <= 1 || !/^\d+$/.test(id.startTime)) return 'refused';
  if (isSelfOrAncestor(pid)) return 'refused';
  const uid = readUid(pid);
  const stat = readStat(pid);
  if (uid === null || stat === null || stat.startTime !== id.startTime || isDead(stat)) return 'gone';
  if (uid !== process.getuid?.()) return 'refused';
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH' ? 'gone' : 'refused';
  }
}

/** Ourselves, our shell, the agent that runs it. Read each time, because a parent that died has been replaced. */
function isSelfOrAncestor(pid: number): boolean {
  for (let own = process.pid, steps = 0; own > 0 && steps < 1000; steps += 1) {
    if (own === pid) return true;
    own = readStat(own)?.parent ?? 0;
  }
  return false;
}
