import { copyFileSync, mkdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTable } from '../../src/processes/table.ts';
import { headless } from '../rig/external.ts';
import { freePort } from '../rig/free-port.ts';
import { program } from '../rig/programs.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import { uniqueSeconds } from '../rig/shapes.ts';
import { eventually } from '../rig/until.ts';

const fresh = { freshness: { verdict: 'fresh', reasons: [] } };

async function started(yaml: string, files: Readonly<Record<string, string>> = {}): Promise<TestProject> {
  const project = await temporaryProject({ yaml, files: { '.gitignore': 'target\n', ...files } });
  project.git('add', '-A');
  project.git('commit', '-q', '-m', 'all');
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
  return project;
}

const service = (command: string, more = ''): string =>
  `processes:\n  web:\n    command: ${command}\n${more}`;
/** Runs a file of the tree, so its sources count. */
const code = (seconds: string): string => service(`exec sh ./src/run.sh ${seconds}`);
const sources = { 'src/run.sh': 'exec sleep $1\n', 'README.md': 'read\n' };

test('scenario 28: a touch and a comment leave the configuration fresh, a change makes it stale, and back is fresh again', async () => {
  const yaml = code(uniqueSeconds());
  await using project = await started(yaml, sources);
  const path = join(project.root, 'process-compose.yaml');
  expect(await project.status()).toMatchObject(fresh);

  const later = new Date(Date.now() + 10_000);
  utimesSync(path, later, later);
  expect(await project.status()).toMatchObject(fresh);

  project.write('process-compose.yaml', `# a comment\n${yaml}`);
  expect(await project.status()).toMatchObject(fresh);

  project.write('process-compose.yaml', yaml.replace('command', 'environment: [A=1]\n    command'));
  expect(await project.status()).toMatchObject({
    freshness: { verdict: 'stale', reasons: [{ axis: 'config', path: 'process-compose.yaml' }] },
    services: [{ name: 'web', fresh: 'stale' }],
    next: ['upkeep restart'],
  });

  project.write('process-compose.yaml', yaml);
  expect(await project.status()).toMatchObject(fresh);
});

test('scenario 29: a branch and back is fresh, a commit to ignored paths is fresh, a changed source is named', async () => {
  await using project = await started(code(uniqueSeconds()), sources);
  project.git('switch', '-q', '-c', 'other');
  project.write('src/run.sh', 'echo other; exec sleep $1\n');
  project.write('src/more.sh', 'true\n');
  project.git('add', '-A');
  project.git('commit', '-q', '-m', 'other');
  expect(await project.status()).toMatchObject({
    freshness: {
      verdict: 'stale',
      reasons: [
        { axis: 'code', path: 'src/more.sh', detail: 'added' },
        { axis: 'code', path: 'src/run.sh', detail: 'changed' },
      ],
    },
    services: [{ name: 'web', fresh: 'stale' }],
  });

  project.git('switch', '-q', 'main');
  expect(await project.status()).toMatchObject(fresh);

  project.write('README.md', 'read again\n');
  project.write('docs/x.md', 'x\n');
  project.git('add', '-A');
  project.git('commit', '-q', '-m', 'words');
  expect(await project.status()).toMatchObject(fresh);
});

test('scenario 29: a service that reloads itself is never called stale for its sources', async () => {
  const port = await freePort();
  await using project = await temporaryProject();
  project.declare({ web: { command: project.services.command('web', '--listen', port), ports: [port] } });
  project.write('upkeep.yaml', JSON.stringify({ services: { web: { role: 'self', ports: [port] } } }));
  project.write('src/a.ts', 'a\n');
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
  project.write('src/a.ts', 'b\n');
  expect(await project.status()).toMatchObject({ services: [{ name: 'web', fresh: 'self' }] });
});

const app = 'target/app';

/** A binary of the tree that git ignores, as a build leaves it. */
function build(project: TestProject): void {
  const target = join(project.root, app);
  mkdirSync(join(project.root, 'target'), { recursive: true });
  copyFileSync(program('sleep'), `${target}.new`);
  renameSync(`${target}.new`, target);
}

/** What is replaced before that is what starts. */
const runsApp = (seconds: string): Promise<boolean> =>
  eventually('the program that is to be replaced runs', () =>
    readTable().some(({ command }) => command === `./${app} ${seconds}`),
  );

test('scenario 30: a program that was built again is stale on the binary axis, with its file, until the restart', async () => {
  const seconds = uniqueSeconds();
  await using project = await temporaryProject({
    yaml: service(`exec ./${app} ${seconds}`, `  other:\n    command: exec sleep ${seconds}1\n`),
    files: { '.gitignore': 'target\n' },
  });
  build(project);
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
  expect(await project.status()).toMatchObject(fresh);
  await runsApp(seconds);

  build(project);
  expect(await project.status()).toMatchObject({
    freshness: { verdict: 'stale', reasons: [{ axis: 'binary', path: app, service: 'web' }] },
    services: [{ name: 'other' }, { name: 'web', fresh: 'stale' }],
    next: ['upkeep restart'],
  });
  expect((await project.run(['status'])).stdout).toContain(`binary: ${app} was rebuilt`);
  expect((await project.status()).services.find(({ name }) => name === 'other')?.fresh).not.toBe('stale');

  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
  expect(await project.status()).toMatchObject(fresh);
  await runsApp(seconds);

  rmSync(join(project.root, app));
  expect(await project.status()).toMatchObject({
    freshness: {
      verdict: 'stale',
      reasons: [{ axis: 'binary', path: app, detail: expect.stringContaining('deleted') }],
    },
  });
});

test('scenario 30: the program that a launcher of the service runs counts too, also in a stack that somebody else started', async () => {
  const seconds = uniqueSeconds();
  await using project = await temporaryProject({
    yaml: service(`./${app} ${seconds}; true`),
    files: { '.gitignore': 'target\n' },
  });
  build(project);
  await headless(project, { kind: 'unix', path: join(project.home, 'pc.sock') });
  await runsApp(seconds);
  expect(await project.status()).toMatchObject({ freshness: { verdict: 'unknown' } });
  build(project);
  expect(await project.status()).toMatchObject({
    freshness: { verdict: 'stale', reasons: [{ axis: 'binary', path: app, service: 'web' }] },
  });
});
