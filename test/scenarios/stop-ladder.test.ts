import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { KillLine } from '../../src/processes/kill-log.ts';
import { killLogPath } from '../../src/processes/kill-log.ts';
import { isAlive, readRow, readTable } from '../../src/processes/table.ts';
import { asNobody } from '../rig/decoys.ts';
import { freePort } from '../rig/free-port.ts';
import { pausedAt } from '../rig/paused.ts';
import { program } from '../rig/programs.ts';
import type { Declared, TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import { uniqueSeconds } from '../rig/shapes.ts';
import { eventually } from '../rig/until.ts';

/** Longer than any command of a test may take: whoever waits for it fails. */
const endless = { stop: { grace: '10m' } };

const kills = (project: TestProject): KillLine[] =>
  existsSync(killLogPath(project.stateDir))
    ? readFileSync(killLogPath(project.stateDir), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as KillLine)
    : [];

/** Each once: KILL is sent in rounds, and to one that takes more than 2 s to go a second time. */
const killed = (project: TestProject): number[] => [...new Set(kills(project).map(({ pid }) => pid))];

/** Writes the name of each signal that it handles into FILE, and ends after TERM or INT. */
const listening = (file: string): string =>
  `exec ${program('perl')} -e 'for my $s (qw(TERM INT)) { $SIG{$s} = sub { open F, ">>", "${file}"; print F $s; close F; exit 0 } } open F, ">", "${file}.ready"; close F; sleep 1 while 1'`;

async function startWith(
  project: TestProject,
  services: Readonly<Record<string, Declared>>,
  upkeep: object = {},
): Promise<void> {
  project.declare(services, { upkeep });
  const start = await project.run(['start', '-d']);
  if (start.code !== 0) throw new Error(`start: ${start.all}`);
}

const sleeper = (seconds: string) =>
  eventually(`sleep ${seconds}`, () => readTable().find(({ command }) => command === `sleep ${seconds}`));

test('scenario 15: a polite service ends in its own way, and no KILL is recorded', async () => {
  await using project = await temporaryProject();
  const file = join(project.home, 'heard');
  await startWith(project, { web: { command: listening(file) } }, endless);
  await eventually('the handler', () => existsSync(`${file}.ready`));
  expect(await project.run(['stop'])).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(file, 'utf8')).toBe('TERM');
  expect(kills(project)).toEqual([]);
});

test('scenario 14: a stopped service goes on, handles its TERM, and nobody waits for the grace', async () => {
  await using project = await temporaryProject();
  const file = join(project.home, 'heard');
  await startWith(project, { web: { command: listening(file) } }, endless);
  await eventually('the handler', () => existsSync(`${file}.ready`));
  const [web] = (await project.status()).services;
  process.kill(web?.pid ?? 0, 'SIGSTOP');
  await eventually('state T', () => readRow(web?.pid ?? 0)?.state === 'T');
  expect(await project.run(['stop'])).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(file, 'utf8')).toBe('TERM');
  expect(kills(project)).toEqual([]);
});

test('scenario 17: zombies that a service does not reap hold up nothing', async () => {
  await using project = await temporaryProject();
  const file = join(project.home, 'zombie');
  const script = `my $p = fork; exit 0 unless $p; open F, ">", "${file}"; print F $p; close F; sleep 1 while 1`;
  await startWith(project, { web: { command: `exec ${program('perl')} -e '${script}'` } }, endless);
  const zombie = Number(await eventually('the child', () => existsSync(file) && readFileSync(file, 'utf8')));
  await eventually('a zombie', () => readRow(zombie)?.state === 'Z');
  expect(await project.run(['stop'])).toMatchObject({ code: 0, stderr: '' });
  expect(kills(project)).toEqual([]);
});

test('a supervisor that is stopped itself is no obstacle: its services are asked from here', async () => {
  await using project = await temporaryProject();
  const file = join(project.home, 'heard');
  await startWith(project, { web: { command: listening(file) } }, endless);
  await eventually('the handler', () => existsSync(`${file}.ready`));
  const [server] = project.servers;
  process.kill(server?.pid ?? 0, 'SIGSTOP');
  await eventually('state T', () => readRow(server?.pid ?? 0)?.state === 'T');
  expect(await project.status()).toMatchObject({ stack: 'unreachable', instance: { pid: server?.pid } });
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(readFileSync(file, 'utf8')).toMatch(/^(?:TERM)+$/);
  expect(kills(project)).toEqual([]);
  expect(project.living).toEqual([]);
});

test('a KILL is recorded with who it was, whose, and what proved it', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  const command = project.services.command('web', '--listen', port, '--ignore-term');
  await startWith(project, { web: { command, ports: [port] } }, { stop: { grace: '300ms' } });
  const web = await project.services.next('web');
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(kills(project)[0]).toMatchObject({
    t: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    pid: web.pid,
    startTime: web.startTime,
    service: 'web',
    signal: 'SIGKILL',
    outcome: 'sent',
    evidence: expect.arrayContaining(['marker', 'canary']),
  });
  expect(killed(project)).toEqual([web.pid]);
});

test('a child that ignores TERM is ended when its leader has gone, after the grace', async () => {
  await using project = await temporaryProject();
  await startWith(
    project,
    { web: { command: project.services.command('web') } },
    { stop: { grace: '300ms' } },
  );
  const web = await project.services.next('web');
  await web.spawn({ name: 'child', flags: ['--ignore-term'], pipes: false });
  const child = await project.services.next('child');
  // The polite one ends before anybody looks for what is left.
  const stop = await pausedAt(project, ['stop'], 'stop-asked');
  await web.ended();
  stop.goOn();
  expect(await stop.running.finished).toMatchObject({ code: 0 });
  expect(child.alive).toBe(false);
  await child.gotTerm();
  expect(killed(project)).toEqual([child.pid]);
});

test.each([
  ['keeps the pipe of its service', true],
  ['keeps nothing but a port of the stack', false],
])(
  'a daemon in a session of its own that %s is asked at once when its service has ended',
  async (_, pipes) => {
    await using project = await temporaryProject();
    const port = await freePort();
    project.declare(
      { web: { command: project.services.command('web'), ports: [port] } },
      { upkeep: endless },
    );
    const start = project.begin(['start', '-d']);
    const web = await project.services.next('web');
    await web.spawn({ name: 'daemon', flags: ['--listen', `${port}`], session: true, pipes });
    const daemon = await project.services.next('daemon');
    expect(await start.finished).toMatchObject({ code: 0 });
    expect(await project.run(['stop'])).toMatchObject({ code: 0, stderr: '' });
    expect(daemon.alive).toBe(false);
    await daemon.gotTerm();
    expect(kills(project)).toEqual([]);
  },
);

test('each service has its own time: one that ignores TERM is killed while a slow one is still at work', async () => {
  await using project = await temporaryProject();
  const slow = project.services.command('slow', '--hold-term');
  const stubborn = project.services.command('stubborn', '--ignore-term');
  await startWith(
    project,
    { slow: { command: slow, shutdown: { timeout_seconds: 600 } }, stubborn: { command: stubborn } },
    { stop: { grace: '300ms' } },
  );
  const [first, second] = [await project.services.next('slow'), await project.services.next('stubborn')];
  const stop = project.begin(['stop']);
  await first.gotTerm();
  await second.ended();
  expect(first.alive).toBe(true);
  await first.exit(0);
  expect(await stop.finished).toMatchObject({ code: 0 });
  expect(killed(project)).toEqual([second.pid]);
});

test("a service's own stop signal is used, by process-compose and, when that has died, from here", async () => {
  for (const crash of [false, true]) {
    await using project = await temporaryProject();
    const file = join(project.home, 'heard');
    const shutdown = { signal: 2 };
    await startWith(project, { postgres: { command: listening(file), shutdown } }, endless);
    await eventually('the handler', () => existsSync(`${file}.ready`));
    if (crash) for (const { pid } of project.servers) process.kill(pid, 'SIGKILL');
    await eventually('the crash', () => !crash || project.servers.length === 0);
    expect(await project.run(['stop'])).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe('INT');
    expect(kills(project)).toEqual([]);
  }
});

test('a fork storm that ignores TERM comes to an end', async () => {
  await using project = await temporaryProject();
  const seconds = uniqueSeconds();
  // Bounded by itself, too: 400 children of a minute.
  const storm = `trap "" TERM; for i in $(seq 400); do sleep ${seconds} & sleep 0.01; done; wait`;
  await startWith(project, { storm: { command: storm } }, { stop: { grace: '300ms' } });
  await sleeper(seconds);
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(readTable().filter(({ command, state }) => command === `sleep ${seconds}` && state !== 'Z')).toEqual(
    [],
  );
  expect(kills(project).length).toBeGreaterThan(1);
});

test('what runs below the stack as another user is waited for, and named with exit 5 when it survives', async () => {
  if (process.getuid?.() !== 0) throw new Error('this test needs root, to start a process as somebody else');
  await using project = await temporaryProject();
  const seconds = uniqueSeconds();
  const polite = `exec ${asNobody.join(' ')} sh -c 'trap "sleep 0.3; exit 0" TERM; while :; do sleep ${seconds}1; done'`;
  await startWith(project, { gosu: { command: polite } }, endless);
  await sleeper(`${seconds}1`);
  expect(await project.run(['stop'])).toMatchObject({ code: 0, stderr: '' });

  const stubborn = `exec ${asNobody.join(' ')} perl -e '$SIG{TERM} = "IGNORE"; $0 = "stubborn ${seconds}"; sleep 1 while 1'`;
  await startWith(project, { gosu: { command: stubborn } }, { stop: { grace: '300ms' } });
  const row = await eventually('it', () =>
    readTable().find(({ command }) => command === `stubborn ${seconds}`),
  );
  const stop = await project.run(['stop']);
  expect(stop.code).toBe(5);
  expect(stop.stderr).toMatch(new RegExp(`pid ${row.pid} \\(stubborn .*uid 65534`));
  expect(isAlive(row)).toBe(true);
  expect(await project.status()).toMatchObject({ orphans: [{ pid: row.pid }] });
  process.kill(row.pid, 'SIGKILL');
  await eventually('its end', () => !isAlive(row));
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
});

test('what sleeps uninterruptibly and survives is named with exit 5, its state and where in the kernel it sleeps', async () => {
  if (process.getuid?.() !== 0) throw new Error('this test needs root, to start a process as somebody else');
  await using project = await temporaryProject();
  const seconds = uniqueSeconds();
  // clone(CLONE_VFORK | SIGCHLD): the parent is in state D until its child ends, as behind a disk that does not answer.
  const clone = process.arch === 'arm64' ? 220 : 56;
  const vfork = `$SIG{TERM} = "IGNORE"; $0 = "stuck ${seconds}"; syscall(${clone}, 0x4000 | 17, 0, 0, 0, 0); sleep 1 while 1`;
  // Another user's: one of our own would be killed in this state, which only a broken disk prevents.
  const command = `exec ${asNobody.join(' ')} ${program('perl')} -e '${vfork}'`;
  await startWith(project, { disk: { command } }, { stop: { grace: '300ms' } });
  const both = () => readTable().filter(({ command: line }) => line === `stuck ${seconds}`);
  const row = await eventually('state D', () => both().find(({ state }) => state === 'D'));
  try {
    const stop = await project.run(['stop']);
    expect(stop.code).toBe(5);
    expect(stop.stderr).toMatch(new RegExp(`pid ${row.pid} \\(stuck .*state D: .*uid 65534, wchan=\\w`));
  } finally {
    // Both carry nothing of the rig but the marker, and are another user's.
    for (const one of both()) process.kill(one.pid, 'SIGKILL');
  }
  await eventually('the end of both', () => both().length === 0);
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
});
