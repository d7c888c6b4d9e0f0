/**
 * One log of a process's two: the manager keeps stdout and stderr apart and gives no times. What is new of either comes behind
 * what was told before, so that who reads again finds what he knows at the beginning (pure, with a memory).
 */
import { newLines } from '../../core/new-lines.ts';
import type { Logged } from './protocol.ts';

type Read = (service: string, logged: Logged, lines: number) => readonly string[];

interface Told {
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly all: readonly string[];
}

/** `lines` 0: all that was told so far; else the last ones of what is there now, remembering nothing. */
export function joinedLogs(): Read {
  const memory = new Map<string, Told>();
  return (service, logged, lines) => {
    const [stdout, stderr] = [linesOf(logged.stdout), linesOf(logged.stderr)];
    if (lines > 0) return [...stdout, ...stderr].slice(-lines);
    const before = memory.get(service) ?? { stdout: [], stderr: [], all: [] };
    const all = [...before.all, ...newLines(before.stdout, stdout), ...newLines(before.stderr, stderr)];
    memory.set(service, { stdout, stderr, all });
    return all;
  };
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
