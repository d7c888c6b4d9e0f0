import { expect, test } from 'vitest';
import { freePort } from '../rig/free-port.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

test('logs off a terminal are the last 200 lines, without escape codes, and say what was cut', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort(), db: await freePort() });
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  for (let line = 1; line <= 250; line += 1) await web.print(`\u001b[31mline ${line}\u001b[0m`);
  await eventually('all of it arrived', async () =>
    (await project.run(['logs', 'web', '-n', '1'])).stdout.includes('line 250'),
  );
  const logs = await project.run(['logs']);
  expect(logs).toMatchObject({ code: 0, stderr: 'web: the last 100 of 250 lines; `-n 0` prints all\n' });
  expect(logs.stdout).not.toContain('\u001b');
  expect(logs.stdout.split('\n')[0]).toBe('web | line 151');
  const all = await project.run(['logs', 'web', '-n', '0']);
  expect(all.stdout.split('\n')).toHaveLength(251);
  expect(all.stdout).toMatch(/^line 1\n/);
  expect((await project.run(['logs', '-n', '2', 'web'])).stdout).toBe('line 249\nline 250\n');
});

test('logs -f goes on until the stack or its reader goes away', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  await web.print('before');
  const logs = project.begin(['logs', '-f']);
  await logs.says(/before/);
  const head = ['bash', '-c', '"$0" "$@" | head -1', process.execPath, project.cli, 'logs', '-f'] as const;
  const first = project.program(head);
  await first.says(/before/);
  await web.print('after');
  await logs.says(/after/);
  expect(await first.finished).toMatchObject({ code: 0, stdout: 'before\n' });
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(await logs.finished).toMatchObject({ code: 0, stdout: 'before\nafter\n' });
});

test('logs of a stack that is down: exit 3 and what helps', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  expect(await project.run(['logs'])).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringContaining('upkeep start'),
  });
});

test('health is an exit code and the failing lines, of all or of the named services', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare({
    web: { command: project.services.command('web', '--listen', port), ports: [port] },
    bad: { command: 'exit 7' },
  });
  expect(await project.run(['health'])).toMatchObject({ code: 3 });
  await project.run(['start', '-d']);
  expect(await project.run(['health'])).toMatchObject({ code: 1, stdout: 'bad: exited with 7\n' });
  expect(await project.run(['health', 'web'])).toMatchObject({ code: 0, stdout: '' });
  expect(await project.run(['health', 'bad'])).toMatchObject({ code: 1 });
});

test('a service that was ready and crashed is not ready', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare({
    web: {
      command: project.services.command('web', '--listen', port),
      readiness_probe: {
        http_get: { host: '127.0.0.1', port, path: '/' },
        period_seconds: 1,
        initial_delay_seconds: 0,
      },
    },
  });
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
  const web = await project.services.next('web');
  expect(await project.status()).toMatchObject({ healthy: true, services: [{ ready: true, ports: [port] }] });
  await web.exit(9);
  const report = await eventually('the supervisor noticed', async () => {
    const now = await project.status();
    return now.services[0]?.status === 'Completed' && now;
  });
  expect(report).toMatchObject({
    healthy: false,
    services: [{ ready: false, verdict: 'failed', exitCode: 9, what: 'exited with 9' }],
  });
  expect(await project.run(['health'])).toMatchObject({ code: 1 });
});

test('a service that is not ready yet makes the stack unhealthy, and start waits for its probe', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare({
    web: {
      command: project.services.command('web', '--listen', port),
      // Not to be given up, and started anew, while the test looks.
      readiness_probe: {
        http_get: { host: '127.0.0.1', port, path: '/' },
        period_seconds: 1,
        failure_threshold: 600,
      },
    },
  });
  await project.run(['start', '-d', '--no-wait']);
  const web = await project.services.next('web');
  await web.answer(503);
  await eventually(
    'the probe failed',
    async () => (await project.status()).services[0]?.verdict === 'unready',
  );
  const health = await project.run(['health']);
  expect(health.code).toBe(1);
  expect(health.stdout).toMatch(new RegExp(`^web: not ready: GET http://127\\.0\\.0\\.1:${port}/ `));
  const start = project.begin(['start', '-d']);
  await web.answer(200);
  expect((await start.finished).code).toBe(0);
});
