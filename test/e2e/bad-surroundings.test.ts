import { execFileSync } from 'node:child_process';
import { readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../rig/free-port.ts';
import { temporaryProject } from '../rig/project.ts';

test('what would make a restart wait or fail half-way is told before its stop, in a sentence', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const before = project.living.map(({ pid }) => pid);
  const at = (name: string): string => join(project.root, name);

  execFileSync('mkfifo', [at('.env')]);
  const fifo = await project.run(['restart']);
  expect(fifo.code, fifo.all).toBe(6);
  expect(fifo.stderr).toMatch(/\.env: is a fifo that nobody writes to: .* put a file in its place/);
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });
  rmSync(at('.env'));

  renameSync(at('process-compose.yaml'), at('away'));
  symlinkSync('nowhere', at('process-compose.yaml'));
  const link = await project.run(['restart']);
  expect(link.code, link.all).toBe(6);
  expect(link.stderr).toContain('process-compose.yaml: is a symbolic link to nowhere, which does not exist');
  renameSync(at('away'), at('process-compose.yaml'));

  const words = ['bash', '-c', 'ulimit -n 64 && exec "$0" "$@"', process.execPath, project.cli] as const;
  const few = await project.program([...words, 'restart']).finished;
  expect(few.code, few.all).toBe(1);
  expect(few.stderr).toMatch(/no more than 64 files can be open at once.*\n.*Raise the limit/);
  expect(project.living.map(({ pid }) => pid)).toEqual(before);
  expect(await project.program([...words, 'stop']).finished).toMatchObject({ code: 0 });
  expect(project.living).toEqual([]);
});

test('an empty HOME and a TMPDIR that cannot be: all works, and nothing is written into the project', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  // Below a file: process-compose makes a TMPDIR that can be made.
  writeFileSync(join(project.home, 'file'), '');
  const nowhere = join(project.home, 'file/nowhere');
  const env = { HOME: '', TMPDIR: nowhere, XDG_RUNTIME_DIR: nowhere, XDG_STATE_HOME: 'relative' };
  const files = readdirSync(project.root);
  for (const verb of [['start', '-d'], ['restart'], ['doctor'], ['stop']]) {
    const ran = await project.run(verb, { env });
    expect(ran.code, ran.all).toBe(0);
  }
  expect(readdirSync(project.root)).toEqual(files);
});
