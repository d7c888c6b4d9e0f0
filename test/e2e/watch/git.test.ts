import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../rig/free-port.ts';
import type { ProjectOptions, TestProject } from '../../rig/project.ts';
import { temporaryProject } from '../../rig/project.ts';
import { watch } from '../../rig/watching.ts';

/** Two branches that differ in `count` files; `main` is checked out, and the stack runs on it. */
async function twoBranches(count: number, options: ProjectOptions = {}): Promise<TestProject> {
  const project = await temporaryProject(options);
  const write = (text: string): void => {
    for (let nth = 0; nth < count; nth += 1) project.write(`src/${nth % 40}/${nth}.ts`, `${text} ${nth}`);
  };
  project.write('barrier.ts', '');
  project.declareServices({ web: await freePort() });
  write('one');
  project.git('add', '-A');
  project.git('commit', '-qm', 'one');
  project.git('branch', 'one');
  project.git('checkout', '-q', '-b', 'two');
  write('two');
  project.git('commit', '-qam', 'two');
  project.git('checkout', '-q', 'one');
  await project.run(['start', '-d']);
  return project;
}

/** When git had written everything: the index comes last. Not when it returned here, which may be later than any restart. */
function gitWrote(project: TestProject): number {
  const index = resolve(project.root, project.git('rev-parse', '--git-path', 'index').trim());
  return Math.floor(statSync(index).mtimeMs);
}

test.each([
  ['a repository', {}],
  ['a linked work tree', { linked: true }],
])('a checkout of 1,500 files in %s is one restart, after git is done', async (_, options) => {
  await using project = await twoBranches(1_500, options);
  await using watching = await watch(project);
  const restarts = await watching.restarts(() => project.git('checkout', '-q', 'two'));
  expect(restarts).toMatchObject([{ cause: { count: 1_500 } }]);
  expect(Date.parse(watching.told('restart.begin')[0]?.t ?? '')).toBeGreaterThanOrEqual(gitWrote(project));
  expect(await watching.restartsAfterBarrier(0, 'barrier.ts')).toHaveLength(1);
  expect(await project.status()).toMatchObject({ freshness: { verdict: 'fresh' } });
});

test('a checkout that pauses between its files is waited for', async () => {
  await using project = await twoBranches(4);
  // Longer than the quiet period, for each file.
  writeFileSync(join(project.root, '.git/info/attributes'), 'src/** filter=slow\n');
  await using watching = await watch(project);
  const slow = ['-c', 'filter.slow.smudge=sleep 0.5; cat', '-c', 'filter.slow.clean=cat'];
  const restarts = await watching.restarts(() => project.git(...slow, 'checkout', '-q', 'two'));
  expect(restarts).toMatchObject([{ cause: { count: 4 } }]);
  const begin = watching.told('restart.begin');
  expect(begin).toHaveLength(1);
  expect(Date.parse(begin[0]?.t ?? '')).toBeGreaterThanOrEqual(gitWrote(project));
  expect(await watching.restartsAfterBarrier(0, 'barrier.ts')).toHaveLength(1);
});

test('a checkout to another branch and back is no restart, nor is a commit', async () => {
  await using project = await twoBranches(50);
  await using watching = await watch(project);
  await watching.atOnce(() => {
    project.git('checkout', '-q', 'two');
    project.git('checkout', '-q', 'one');
  });
  await watching.barrier('barrier.ts');
  project.git('commit', '-q', '--allow-empty', '-m', 'empty');
  await watching.barrier('barrier.ts');
  project.git('reset', '-q', '--soft', 'HEAD~1');
  expect(await watching.restartsAfterBarrier(0, 'barrier.ts')).toEqual([]);
  expect(project.services.of('web')).toHaveLength(1);
});

test('while index.lock is there nothing is restarted, and after it has gone once', async () => {
  await using project = await twoBranches(3);
  await using watching = await watch(project);
  const lock = join(project.root, '.git/index.lock');
  writeFileSync(lock, '');
  project.write('src/0/0.ts', 'saved');
  await watching.next('git.held');
  const released = Date.now();
  rmSync(lock);
  await watching.next('restart.end', { outcome: 'ok' });
  expect(Date.parse(watching.told('restart.begin')[0]?.t ?? '')).toBeGreaterThanOrEqual(released);
  expect(await watching.restartsAfterBarrier(0, 'barrier.ts')).toHaveLength(1);
});

test('a lock that nobody holds delays a restart, and does not keep it from coming', async () => {
  await using project = await twoBranches(3);
  await using watching = await watch(project);
  writeFileSync(join(project.root, '.git/index.lock'), '');
  const restarts = await watching.restarts(() => project.write('src/0/0.ts', 'saved'));
  expect(restarts).toMatchObject([{ cause: { paths: ['src/0/0.ts'] } }]);
  expect(watching.told('git.released')).toHaveLength(1);
  expect(watching.told('degraded')).toEqual([]);
});

test('an edit while a rebase is stopped for it is restarted for', async () => {
  await using project = await twoBranches(3);
  project.git('checkout', '-q', 'two');
  await project.run(['restart']);
  await using watching = await watch(project);
  project.git('-c', 'sequence.editor=sed -i s/^pick/edit/', 'rebase', '-q', '-i', 'one~1');
  const restarts = await watching.restarts(() => project.write('src/0/0.ts', 'edited'));
  expect(restarts.at(-1)).toMatchObject({ outcome: 'ok' });
  expect(await project.status()).toMatchObject({ freshness: { verdict: 'fresh' } });
});
