import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../rig/free-port.ts';
import type { TestProject } from '../../rig/project.ts';
import { temporaryProject } from '../../rig/project.ts';
import type { Terminal } from '../../rig/terminal.ts';
import { openUpkeep } from '../../rig/terminal.ts';
import { whoeverWatchesRests } from '../../rig/watching.ts';

/** What it told, without the times; once what it said twice since the events of one save came in two parts. */
const lines = (terminal: Terminal): readonly string[] =>
  terminal
    .text()
    .split(/\r?\n/)
    .map((line) =>
      line
        .replace(/^(?:\^C)?\d\d:\d\d:\d\d /, '')
        .replaceAll(/\d+(?:\.\d+)? s/g, 'N s')
        .replace(/pid \d+/, 'pid N'),
    )
    .filter((line, at, all) => line !== '' && line !== all[at - 1]);

async function running(): Promise<TestProject> {
  const project = await temporaryProject();
  const [web, db] = [await freePort(), await freePort()];
  project.write('src/a.ts', 'good');
  const run = project.services.command('web', '--listen', web);
  project.declare({
    web: { command: `if grep -q bad src/a.ts; then echo boom; exit 3; fi; ${run}`, ports: [web] },
    db: { command: project.services.command('db', '--listen', db), ports: [db] },
  });
  await project.run(['start', '-d']);
  return project;
}

test('on a terminal a save is two lines, and what is no restart is one', async () => {
  await using project = await running();
  await using terminal = openUpkeep(project, ['watch']);
  await terminal.shows(/the stack is up/);
  await whoeverWatchesRests(project);
  project.write('src/a.ts', 'better');
  await terminal.shows(/restarted, /);
  await whoeverWatchesRests(project);
  project.write('src/a.ts', 'better');
  await terminal.shows(/same content/);
  project.write('README.md', '1');
  await terminal.shows(/left out/);
  terminal.type('\x03');
  expect(await terminal.ended).toBe(0);
  expect(lines(terminal)).toEqual([
    'watching 8 configuration files and the sources (native)',
    'the stack is up: process-compose is running with pid N',
    'src/a.ts changed',
    'restarted, N s down',
    'same content: src/a.ts',
    'left out: README.md (*.md)',
    'watching ends: stopped by a signal; the services keep running',
  ]);
  expect(project.services.alive).toHaveLength(2);
});

test('on a terminal a bad configuration is told with its place, and a comment as what it is', async () => {
  await using project = await running();
  const good = readFileSync(join(project.root, 'process-compose.yaml'), 'utf8');
  await using terminal = openUpkeep(project, ['watch']);
  await terminal.shows(/the stack is up/);
  await whoeverWatchesRests(project);
  project.write('process-compose.yaml', good.replace('"command"', '"comand"'));
  await terminal.shows(/not restarted/);
  await whoeverWatchesRests(project);
  project.write('process-compose.yaml', `# a word\n${good}`);
  await terminal.shows(/means the same/);
  terminal.type('\x03');
  expect(await terminal.ended).toBe(0);
  expect(lines(terminal).slice(2)).toEqual([
    'process-compose.yaml changed',
    expect.stringMatching(/^bad process-compose\.yaml:4:7: .*comand/),
    'not restarted: the old stack stays up',
    'process-compose.yaml changed',
    'means the same: no restart',
    'watching ends: stopped by a signal; the services keep running',
  ]);
});

test('on a terminal a failure is told with its log once, however often it is tried again', async () => {
  await using project = await running();
  await using terminal = openUpkeep(project, ['watch']);
  await terminal.shows(/the stack is up/);
  await whoeverWatchesRests(project);
  project.write('src/a.ts', 'bad');
  await terminal.shows(/2 failed in a row/);
  project.write('src/a.ts', 'good again');
  await terminal.shows(/restarted, /);
  terminal.type('\x03');
  await terminal.ended;
  const told = lines(terminal).slice(2);
  const saved = told.lastIndexOf('src/a.ts changed');
  expect(told.slice(0, 5)).toEqual([
    'src/a.ts changed',
    'failed',
    expect.stringMatching(/^ {2}web: exited with 3/),
    expect.stringMatching(/web \| .*boom/),
    'trying again in N s; a save tries at once',
  ]);
  // As often as it was tried again before the save came.
  const again = Array.from({ length: Math.max(1, (saved - 5) / 3) }, (_, nth) => [
    'trying again',
    'failed as before',
    `trying again in N s, ${nth + 2} failed in a row; a save tries at once`,
  ]);
  expect(told.slice(5, saved)).toEqual(again.flat());
  expect(told.slice(saved)).toEqual([
    'src/a.ts changed',
    'restarted, N s down',
    'watching ends: stopped by a signal; the services keep running',
  ]);
});
