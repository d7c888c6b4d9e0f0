/** Writes `STATE/kills.jsonl`: one line for each KILL, with what proved the process ours, to look up when something is missing. */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appendLine } from '../io/append-line.ts';
import { makeStateDirectory } from '../io/state-home.ts';
import type { SentSignal } from './escalation.ts';

export interface KillLine extends SentSignal {
  /** ISO. */
  readonly t: string;
}

/** Enough for years, even of a stack that has to be killed every time. */
const byteLimit = 256 * 1024;

export const killLogPath = (stateDir: string): string => join(stateDir, 'kills.jsonl');

/** For `onSignal`; other signals leave no line. Never throws: a state directory that cannot be written must not prevent a stop. */
export function logKill(stateDir: string, sent: SentSignal): void {
  if (sent.signal !== 'SIGKILL') return;
  const path = killLogPath(stateDir);
  const line: KillLine = { t: new Date().toISOString(), ...sent };
  try {
    makeStateDirectory(dirname(path));
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > byteLimit) shorten(path);
    appendLine(path, line);
  } catch {
    // The command prints it anyway.
  }
}

function shorten(path: string): void {
  const lines = readFileSync(path, 'utf8').split('\n');
  writeFileSync(`${path}.tmp`, lines.slice(Math.floor(lines.length / 2)).join('\n'), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}
