/** The door to fifos in place of files: some keep `.env` in one that a program fills, and one that nobody fills is waited for for ever. */
import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program that fills it waits for a reader already: it comes at once. */
const patienceMs = 1_000;
const stepMs = 10;

/** A fifo that nobody writes to as soon as somebody reads. What is read of it here is thrown away; it is filled anew for the next. */
export async function isSilentFifo(path: string): Promise<boolean> {
  let fd: number | null = null;
  try {
    if (!statSync(path, { throwIfNoEntry: false })?.isFIFO()) return false;
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return !(await isFilled(fd));
  } catch {
    return false; // gone, or not ours to read: whoever reads it for its content says so
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** To the end of what is there: a writer that is cut off might not come again. */
async function isFilled(fd: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  for (let filled = false; ;) {
    const bytes = read(fd) ?? 0;
    if (bytes === 0 && filled) return true;
    if (performance.now() > deadline) return filled || bytes > 0;
    filled ||= bytes > 0;
    if (bytes === 0) await sleep(stepMs);
  }
}

/** 0: nobody has it open for writing. null: somebody has, and wrote nothing yet. */
function read(fd: number): number | null {
  try {
    return readSync(fd, Buffer.alloc(64 * 1024));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null;
    throw error;
  }
}
