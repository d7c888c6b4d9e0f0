/** A disk of its own for a directory, so small that a test can fill it. Where nobody may mount one the test is skipped, with the reason. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { TestRunner } from 'vitest';

export class SmallDisk implements Disposable {
  readonly path: string;
  readonly #filler: string;

  /** Over whatever lies at `path`, which is made. */
  constructor(path: string, kib = 1_024) {
    this.path = path;
    this.#filler = join(path, '.filler');
    mkdirSync(path, { recursive: true, mode: 0o700 });
    mount('-t', 'tmpfs', '-o', `size=${kib}k,mode=0700`, 'small', path);
  }

  /** To the last byte, or but for the last `leave` blocks. */
  fill(leave = 0): void {
    const fd = openSync(this.#filler, 'a');
    const { bsize, bavail } = statfsSync(this.path);
    // Who has the disk takes of it and gives back meanwhile: it is full when it says so.
    const ours = leave === 0 ? Number.POSITIVE_INFINITY : bavail - leave;
    for (let block = 0; block < ours && hasTaken(fd, bsize); block += 1);
    closeSync(fd);
  }

  empty(): void {
    rmSync(this.#filler, { force: true });
  }

  /** No further file can be made, whatever room there is. */
  fillNames(): void {
    const { files, ffree } = statfsSync(this.path);
    mount('-o', `remount,nr_inodes=${files - ffree}`, this.path);
  }

  emptyNames(): void {
    mount('-o', 'remount,nr_inodes=10000', this.path);
  }

  /** Lazily: what a failed test left running may hold it. */
  [Symbol.dispose](): void {
    execFileSync('umount', ['-l', this.path]);
  }
}

/** false: it is full. */
function hasTaken(fd: number, bytes: number): boolean {
  try {
    return writeSync(fd, Buffer.alloc(bytes)) === bytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}

function mount(...args: readonly string[]): void {
  try {
    execFileSync('mount', args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr ?? String(error);
    TestRunner.getCurrentTest()?.context.skip(`a disk of its own cannot be mounted here: ${said.trim()}`);
    throw error;
  }
}
