/**
 * devenv's evaluation cache, with its traps: an input whose mtime is within the same second counts as unchanged, and one that
 * was missing and appears within the second of the evaluation too. One JSON file under the name of the real database.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Evaluation } from './evaluate.ts';
import type { Cli } from './releases.ts';

interface Row {
  readonly inputs: Record<string, Input>;
  readonly variables: Readonly<Record<string, string>>;
  readonly evaluation: Evaluation;
}

interface Input {
  readonly hash: string;
  /** Cut to whole seconds; of a missing file: the second of the evaluation. */
  second: number;
}

export class EvalCache {
  readonly #path: string;
  readonly #cli: Cli;

  constructor(dotfile: string, cli: Cli) {
    this.#path = join(dotfile, 'nix-eval-cache.db');
    this.#cli = cli;
  }

  /** What is stored for `key`, if every input still is what it was. */
  find(key: string): Evaluation | null {
    const rows = this.#read();
    const row = rows[key];
    if (!row) return null;
    for (const [name, hash] of Object.entries(row.variables))
      if (digest(process.env[name] ?? '') !== hash) return null;
    let moved = false;
    for (const [path, input] of Object.entries(row.inputs)) {
      const now = look(path, input.second);
      if (now.changedAt === 0 && input.hash !== 'missing') return null;
      const always = this.#cli.alwaysHashed.includes(basename(path));
      if (now.second === input.second && !always) continue;
      if (now.hash() !== input.hash) return null;
      moved ||= now.second !== input.second;
      input.second = now.second;
    }
    if (moved) this.#write(rows);
    return row.evaluation;
  }

  /** `startedAt`: when the evaluation began, epoch ms. Inputs are read again now, after it: what changed meanwhile is lost. */
  store(key: string, evaluation: Evaluation, inputs: readonly string[], startedAt: number): void {
    const second = Math.floor(Date.now() / 1_000);
    const seen: Record<string, Input> = {};
    for (const path of inputs) {
      const now = look(path, second);
      if (!this.#cli.racyCache && now.changedAt > startedAt) return;
      seen[path] = { hash: now.hash(), second: now.second };
    }
    const variables = Object.fromEntries(
      evaluation.variables.map((name) => [name, digest(process.env[name] ?? '')]),
    );
    this.#write({ ...this.#read(), [key]: { inputs: seen, variables, evaluation } });
  }

  #read(): Record<string, Row> {
    if (!existsSync(this.#path)) return {};
    try {
      return JSON.parse(readFileSync(this.#path, 'utf8'));
    } catch {
      return {};
    }
  }

  #write(rows: Record<string, Row>): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    const temporary = `${this.#path}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify(rows));
    renameSync(temporary, this.#path);
  }
}

interface Looked {
  readonly second: number;
  /** Epoch ms; 0 for a missing one. */
  readonly changedAt: number;
  readonly hash: () => string;
}

function look(path: string, secondIfMissing: number): Looked {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return { second: secondIfMissing, changedAt: 0, hash: () => 'missing' };
  return {
    second: Math.floor(stats.mtimeMs / 1_000),
    changedAt: stats.mtimeMs,
    hash: () => digest(stats.isDirectory() ? readdirSync(path).join('\0') : readFileSync(path)),
  };
}

const digest = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
