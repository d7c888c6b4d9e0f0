import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { isSilentFifo } from '../../src/io/silent-fifo.ts';
import { eventually } from '../rig/until.ts';
import { writtenFiles } from '../rig/written-files.ts';

it('a fifo that nobody writes to is silent, one with a program behind it is not, and a file is none', async () => {
  using files = writtenFiles({ file: 'A=1' });
  const fifo = files.path('fifo');
  execFileSync('mkfifo', [fifo]);
  expect(await isSilentFifo(fifo)).toBe(true);
  // It waits for a reader, as those that keep secrets do, and then for the next.
  const fill = 'trap "" PIPE; while :; do echo A=1 > "$1"; done';
  const writer = spawn('sh', ['-c', fill, 'sh', fifo], { stdio: 'ignore' });
  await eventually('it is filled', async () => !(await isSilentFifo(fifo)));
  writer.kill('SIGKILL');
  await once(writer, 'exit');
  expect(await isSilentFifo(files.path('file'))).toBe(false);
  expect(await isSilentFifo(files.path('nothing'))).toBe(false);
});
