import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { descendants, replacedProgram } from '../../src/processes/running-program.ts';
import { program } from '../rig/programs.ts';
import { ProcessRig, uniqueSeconds } from '../rig/processes.ts';

it('tells a program that was replaced or deleted from one that is still the same file', async () => {
  await using rig = new ProcessRig();
  const path = join(rig.directory(), 'app');
  copyFileSync(program('sleep'), path);
  const seconds = uniqueSeconds();
  rig.spawn([path, seconds]);
  const { pid } = await rig.process(`${path} ${seconds}`);
  expect(replacedProgram(pid)).toBeNull();

  copyFileSync(program('sleep'), `${path}.new`);
  renameSync(`${path}.new`, path);
  expect(replacedProgram(pid)).toEqual({ path, is: 'replaced' });

  rmSync(path);
  expect(replacedProgram(pid)).toEqual({ path, is: 'deleted' });
});

it('says nothing of a process that is gone', () => {
  expect(replacedProgram(2 ** 22 + 1)).toBeNull();
  expect(descendants(2 ** 22 + 1)).toEqual([]);
});

it('finds children and their children', async () => {
  await using rig = new ProcessRig();
  const seconds = uniqueSeconds();
  const outer = rig.spawn(['bash', '-c', `bash -c 'sleep ${seconds}; true'; true`]);
  const { pid, parent } = await rig.process(`sleep ${seconds}`);
  expect(descendants(outer.pid ?? 0)).toEqual([parent, pid]);
});
