/** A store of our own: content-addressed names, files that are never rewritten. */
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Bail } from './say.ts';
import type { Settings } from './settings.ts';

const alphabet = '0123456789abcdfghijklmnpqrsvwxyz';

export class Store {
  readonly path: string;
  readonly #settings: Settings;
  /** What was written once is named, and not written again: it may have been collected since. */
  isBuilt = false;

  constructor(settings: Settings) {
    this.path = settings.store;
    this.#settings = settings;
    mkdirSync(this.path, { recursive: true });
  }

  /** Writes `text` once; the path is of the content. */
  file(name: string, text: string, executable = false): string {
    const path = join(this.path, `${hash(name, text)}-${name}`);
    // Programs of another PATH make another script, also where the cache knows the configuration.
    const once = `${path}.written`;
    if (this.isBuilt && existsSync(once)) return path;
    this.write(path, text, executable);
    if (!existsSync(once)) writeFileSync(once, '');
    return path;
  }

  write(path: string, text: string, executable: boolean): void {
    if (existsSync(path)) return;
    if (this.#settings.fail === 'no-space')
      throw new Bail(`failed to write ${path}`, ['No space left on device (os error 28)']);
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, text);
    chmodSync(temporary, executable ? 0o755 : 0o644);
    renameSync(temporary, path); // a second evaluation at the same time writes the same
  }

  /** A package with links to programs of this machine. `null`: one that is not there is left out. */
  package(name: string, programs: Readonly<Record<string, string | null>>): string {
    const path = join(this.path, `${hash(name, JSON.stringify(programs))}-${name}`);
    if (existsSync(path)) return path;
    const temporary = `${path}.${process.pid}`;
    mkdirSync(join(temporary, 'bin'), { recursive: true });
    for (const [program, target] of Object.entries(programs))
      if (target !== null) symlinkSync(target, join(temporary, 'bin', program));
    try {
      renameSync(temporary, path);
    } catch {
      rmSync(temporary, { recursive: true }); // somebody else was first
    }
    return path;
  }
}

function hash(name: string, content: string): string {
  const digest = createHash('sha256').update(name).update('\0').update(content).digest();
  return Array.from(digest.subarray(0, 32), (byte) => alphabet[byte % 32]).join('');
}

/** null: not on PATH. */
export function onPath(program: string): string | null {
  for (const directory of (process.env['PATH'] ?? '').split(':')) {
    const path = join(directory, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return null;
}
