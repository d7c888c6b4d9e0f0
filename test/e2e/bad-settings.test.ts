import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../rig/free-port.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

test('no project here: says where it looked and what a project has', async () => {
  await using project = await temporaryProject();
  mkdirSync(join(project.root, 'src'));
  for (const verb of ['start', 'stop', 'restart', 'status', 'health', 'logs']) {
    const refused = await project.run([verb], { cwd: join(project.root, 'src') });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`no project in ${project.root}/src`);
    expect(refused.stderr).toContain('process-compose.yaml');
    expect(refused.stdout).toBe('');
  }
  project.declareServices({ web: await freePort() });
});

test('a -C that names nothing, or a file, says so', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  for (const place of ['nowhere', 'upkeep.yaml']) {
    const refused = await project.run(['start', '-d', '-C', place]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`${project.root}/${place}`) });
  }
});

const broken = `services:
  web: { role: cook, prots: [1], ports: [99999] }
  wbe: { role: code }
watch:
  quiet: 300
sevrices: {}
`;

test('every problem of upkeep.yaml is told at once, with line and column; stop and status work meanwhile', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declareServices({ web: port });
  await project.run(['start', '-d']);
  const before = project.living.map(({ pid }) => pid);
  project.write('upkeep.yaml', broken);
  for (const verb of [['start', '-d'], ['restart']]) {
    const refused = await project.run(verb);
    expect(refused.code).toBe(2);
    for (const place of [
      /:2:16: .*role/,
      /:2:22: .*prots/,
      /:2:42: .*port/,
      /:5:10: .*quiet/,
      /:6:1: .*sevrices/,
    ])
      expect(refused.stderr).toMatch(place);
    expect(refused.stderr).toMatch(/did you mean `services`/);
  }
  expect(project.living.map(({ pid }) => pid)).toEqual(before);
  const status = await project.run(['status']);
  expect(status).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('warning: upkeep.yaml has problems'),
  });
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(project.living).toEqual([]);
});

test('upkeep.yaml with a syntax error is told by its place', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  project.write('upkeep.yaml', 'services:\n  web: [\n');
  const refused = await project.run(['start', '-d']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/upkeep\.yaml:\d+:\d+: /);
  project.write('upkeep.yaml', '');
});

test('a service that does not exist is named with those that do: in upkeep.yaml, in logs, in health', async () => {
  await using project = await temporaryProject();
  const ports = { web: await freePort(), db: await freePort() };
  project.declareServices(ports);
  project.write('upkeep.yaml', `services:\n  wbe: { ports: [${ports.web}] }\n`);
  const refused = await project.run(['start', '-d']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(
    /upkeep\.yaml:2:3: there is no service `wbe` \(did you mean `web`\? there are: db, web\)/,
  );
  project.declareServices(ports);
  await project.run(['start', '-d']);
  for (const verb of ['logs', 'health']) {
    const unknown = await project.run([verb, 'wbe']);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toMatch(/no service is called "wbe"/);
    expect(unknown.stderr).toMatch(/There are: db, web/);
  }
});

test('a configuration without a service is no stack', async () => {
  await using project = await temporaryProject({ yaml: 'processes: {}\n' });
  const start = await project.run(['start', '-d']);
  expect(start.code).toBe(6);
  expect(start.stderr).toMatch(
    /process-compose\.yaml: it declares no services \(add one under `processes:`\)/,
  );
  expect(project.living).toEqual([]);
});

test('a wrong command line is usage: exit 2, and what would be right', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  for (const [args, words] of [
    [['strat'], /unknown command 'strat'.*\n.*start/],
    [['start', '--detatch'], /unknown option '--detatch'/],
    [['start', '--timeout', 'soon'], /a number of seconds/],
    [['logs', '-n', 'many'], /a whole number/],
    [['start', '--color', 'red'], /auto, always, never/],
  ] as const) {
    const refused = await project.run(args);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(words);
    const inJson = await project.run([...args, '--json']);
    expect(inJson.code).toBe(2);
    expect(inJson.json()).toMatchObject({ ok: false, exitCode: 2, failure: { reason: 'usage' } });
  }
  await eventually('nothing was started', () => project.living.length === 0);
});
