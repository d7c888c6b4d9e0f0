/**
 * Our own GIT_DIR, which only holds an index. Readers never lock: each works on a copy and renames it into place, so two at
 * once do not disturb each other, and a killed one leaves only an unused file.
 */
import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  futimesSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import { makeStateDirectory } from '../../io/state-home.ts';
import { unwritable } from '../../io/unwritable.ts';
import { peek } from '../peek.ts';

const files: Readonly<Record<string, string>> = {
  HEAD: 'ref: refs/heads/none\n',
  config: [
    '[core]',
    '\trepositoryformatversion = 0',
    '\tbare = false',
    '\tfileMode = false',
    '\texcludesFile = /dev/null',
    '\tattributesFile = /dev/null',
    '\tprecomposeUnicode = false',
    '\tautocrlf = false',
    '',
  ].join('\n'),
  // Above every .gitattributes: a filter would run the repository's programs, eol and ident would hash what is not on disk.
  'info/attributes': '* -filter -text -eol -ident -working-tree-encoding\n',
};

/** Creates it, or completes it after a kill. The path of the index. Fails with `state-unwritable`. */
export function ensurePrivateIndex(dir: string): Result<string> {
  try {
    for (const sub of ['objects', 'refs', 'info']) makeStateDirectory(join(dir, sub));
    for (const [name, text] of Object.entries(files)) {
      const path = join(dir, name);
      if (!same(path, text)) {
        const draft = `${path}.${process.pid}`;
        writeFileSync(draft, text);
        renameSync(draft, path);
      }
    }
    return ok(join(dir, 'index'));
  } catch (error) {
    return unwritable(dir, error);
  }
}

function same(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8') === text;
  } catch {
    return false;
  }
}

/** Identifies one state of the index: the checksum at its end, and its size. `none`: there is no index yet. */
export function indexIdentity(file: string): string {
  let fd: number | null = null;
  try {
    fd = openSync(file, 'r');
    const { size } = fstatSync(fd);
    const checksum = Buffer.alloc(20);
    readSync(fd, checksum, 0, 20, Math.max(0, size - 20));
    return `${checksum.toString('hex')}:${size}`;
  } catch {
    return 'none';
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

let drafts = 0;

/**
 * A copy of the index to work on, with the same mtime: a newer one would lose git's check of racy entries. Fails with
 * `state-unwritable`, for example on a full disk.
 */
export function draftIndex(file: string): Result<string> {
  sweep(file);
  const draft = `${file}.${process.pid}.${(drafts += 1)}`;
  try {
    const { mtimeMs } = statSync(file); // before the copy: if it is replaced meanwhile, older is the safe side
    copyFileSync(file, draft, constants.COPYFILE_FICLONE);
    setSecond(draft, mtimeMs);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      rmSync(draft, { force: true });
      return unwritable(draft, error);
    }
  }
  return ok(draft);
}

/**
 * Puts the draft into place. Its mtime becomes the second in which hashing *began*: git takes an entry for racy iff it is not
 * older than the index, and a file that changed twice in one second, with our look in between, must be racy.
 */
export function publishIndex(draft: string, file: string, beganMs: number): void {
  setSecond(draft, beganMs);
  renameSync(draft, file);
}

export function discardDraft(draft: string): void {
  rmSync(draft, { force: true });
  rmSync(`${draft}.lock`, { force: true });
}

/**
 * After a look that found no change: everything was as the index says at `beganMs`, so that may be its mtime, and git need not
 * read the racy files again. Only if the index is still the one that was looked at.
 */
export function rejuvenate(file: string, identity: string, beganMs: number): void {
  let fd: number | null = null;
  try {
    fd = openSync(file, 'r+');
    const wanted = Math.floor(beganMs / 1000);
    if (fstatSync(fd).mtimeMs / 1000 < wanted && indexIdentity(file) === identity)
      futimesSync(fd, wanted, wanted);
  } catch {
    // Cannot be written: git keeps reading the racy files.
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

function setSecond(path: string, ms: number): void {
  const second = Math.floor(ms / 1000);
  utimesSync(path, second, second);
}

const abandonedAfterMs = 10 * 60_000;

/** Removes drafts of killed runs. Judged by age: their pid may be from another pid namespace. */
function sweep(file: string): void {
  const dir = join(file, '..');
  for (const name of readdirSync(dir)) {
    if (!/^(?:index|listing-[0-9a-f]+)\.\d+\.\d+/.test(name)) continue;
    const path = join(dir, name);
    const info = peek(path);
    if (info && Date.now() - info.ctimeMs > abandonedAfterMs) rmSync(path, { force: true });
  }
}
