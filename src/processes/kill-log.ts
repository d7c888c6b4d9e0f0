/** `STATE/kills.jsonl`: one line for each KILL, with what proved the process ours; what is asked when something is missing. */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appendLine } from '../io/append-line.ts';
import { makeStateDirectory } from '../io/state-home.ts';
import type { SentSignal } from './escalation.ts';

export interface KillLine extends SentSignal {
  /** ISO. */
  readonly t: string;
}

/** A stack that is killed every time still leaves years of lines readable. */
const byteLimit = 256 * 1024;

export const killLogPath = (stateDir: string): string => join(stateDir, 'kills.jsonl');

/** For `onSignal`: other signals are asked politely and leave no line. A state directory that cannot be written stops no stop. */
export function logKill(stateDir: string, sent: SentSignal): void {
  if (sent.signal !== 'SIGKILL') return;
  const path = killLogPath(stateDir);
  const line: KillLine = { t: new Date().toISOString(), ...sent };
  try {
    makeStateDirectory(dirname(path));
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > byteLimit) shorten(path);
    appendLine(path, line);
  } catch {
    // Said on the terminal all the same.
  }
}

function shorten(path: string): void {
  const lines = readFileSync(path, 'utf8').split('\n');
  writeFileSync(`${path}.tmp`, lines.slice(Math.floor(lines.length / 2)).join('\n'), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}
