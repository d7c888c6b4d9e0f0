import {
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { signalProcess } from '../../src/processes/signal.ts';
import { isAlive } from '../../src/processes/table.ts';
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

/** Listens where the project's endpoint is said to be; it is this process, which is not the project's. */
async function stranger(path: string, answer: (server: Server) => void): Promise<AsyncDisposable> {
  const server = createServer();
  answer(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test.each<[string, (server: Server) => void]>([
  ['answers garbage', (server) => server.on('request', (_, response) => response.end('<html>'))],
  ['hangs', () => undefined],
  ['answers 401', (server) => server.on('request', (_, response) => response.writeHead(401).end())],
  [
    'speaks as a process-compose',
    (server) => server.on('request', (_, response) => response.end('{"status":"alive"}')),
  ],
])('an endpoint of another program that %s is named with its process and left alone', async (_, answer) => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare(
    { web: { command: project.services.command('web', '--listen', port), ports: [port] } },
    { upkeep: { endpoint: `unix:${project.home}/theirs.sock` } },
  );
  const path = join(project.home, 'theirs.sock');
  {
    await using _server = await stranger(path, answer);
    for (const verb of [['start', '-d'], ['restart'], ['stop']]) {
      const refused = await project.run(verb, { timeoutMs: 15_000 });
      expect(refused.code).toBe(4);
      expect(refused.stderr).toContain(`unix:${path} belongs to something else: pid ${process.pid}`);
      expect(refused.stderr).toContain('It was not touched.');
    }
    expect(await project.status()).toMatchObject({ stack: 'down', instance: null });
    expect(project.services.runs).toHaveLength(0);
  }
});

test('a configured endpoint at which nobody listens is where the stack is looked for, not where it must be', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  const path = join(project.home, 'later.sock');
  project.declare(
    { web: { command: project.services.command('web', '--listen', port), ports: [port] } },
    { upkeep: { endpoint: `unix:${path}` } },
  );
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
  expect(await project.status()).toMatchObject({ stack: 'up' });
});

test('a supervisor of ours that hangs is unreachable; restart ends it and gives one stack', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const [server] = project.servers;
  if (!server) throw new Error('no server');
  signalProcess(server, 'SIGSTOP');
  const status = await project.run(['status', '--json'], { timeoutMs: 15_000 });
  expect(status.json()).toMatchObject({
    stack: 'unreachable',
    healthy: false,
    next: ['upkeep restart', 'upkeep stop'],
  });
  expect(status.code).toBe(1);
  const start = await project.run(['start', '-d']);
  expect(start.code).toBe(1);
  expect(start.stderr).toMatch(/did not answer within 2 s.*\n.*upkeep restart/);
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
  expect(isAlive(server)).toBe(false);
  expect(project.servers).toHaveLength(1);
  expect(project.services.alive).toHaveLength(1);
});

test('a supervisor of ours that wants a token is named as one; stop ends it without', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  // 1.87 knows no token yet: by its name, place and files this is a process-compose of the project, and answers as newer ones.
  const path = join(project.home, 'pc.sock');
  const script = `require('node:http').createServer((_, r) => r.writeHead(401).end()).listen(${JSON.stringify(path)})`;
  const argv = [
    'bash',
    '-c',
    'exec -a process-compose "$@"',
    'bash',
    process.execPath,
    '-e',
    script,
    'up',
  ] as const;
  project.program(argv);
  await eventually('it listens', () => existsSync(path));
  expect(await project.status()).toMatchObject({ stack: 'unreachable', instance: { owner: 'external' } });
  for (const verb of [['start', '-d'], ['logs']]) {
    const refused = await project.run(verb);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(/wants a token\.\n.*PC_API_TOKEN/);
  }
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(project.living).toEqual([]);
});

test('a stale socket is no obstacle', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  mkdirSync(dirname(project.socket), { recursive: true, mode: 0o700 });
  const script = `require('node:net').createServer().listen(${JSON.stringify(project.socket)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await project.program([process.execPath, '-e', script]).finished;
  expect(await project.status()).toMatchObject({ stack: 'down' });
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
});

test('a socket directory that others can write to is refused', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  mkdirSync(dirname(project.socket), { recursive: true, mode: 0o700 });
  await project.program(['chmod', '0777', dirname(project.socket)]).finished;
  const refused = await project.run(['start', '-d']);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toMatch(/others can write to it/);
  expect(project.services.runs).toHaveLength(0);
});

test('a state directory that cannot be written: verbs that change something say so, the others work', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  // A file in its place, since permissions do not stop root.
  writeFileSync(join(project.root, '.git/upkeep'), '');
  for (const verb of [['start', '-d'], ['restart']]) {
    const refused = await project.run(verb);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/cannot write .*\.git\/upkeep.*\n.*give this user write access/);
  }
  expect(await project.status()).toMatchObject({ stack: 'down' });
  expect(project.living).toEqual([]);
  rmSync(join(project.root, '.git/upkeep'));
});

test.each([
  ['corrupt', '{"schema":1,'],
  ['empty', ''],
  ['of a newer schema', '{"schema":99,"x":1}'],
  ['of another shape', '{"schema":1}'],
  ['no JSON at all', '\u0000\u0001'],
])(
  'records that are %s are named, not believed, and neither status nor restart nor stop depends on them',
  async (_, text) => {
    await using project = await temporaryProject();
    project.declareServices({ web: await freePort() });
    await project.run(['start', '-d']);
    const [web] = project.services.of('web');
    const names = readdirSync(project.stateDir).filter((name) => name.endsWith('.json'));
    const records = readdirSync(join(project.stateDir, 'instances')).filter((name) => name.endsWith('.json'));
    for (const name of [...names, ...records.map((record) => `instances/${record}`)])
      writeFileSync(join(project.stateDir, name), text);
    const status = await project.run(['status']);
    expect(status.code).toBe(0);
    expect(status.stderr).toMatch(/warning: the record .*instances/);
    expect(web?.alive).toBe(true);
    const restart = await project.run(['restart']);
    expect(restart.code).toBe(0);
    expect(web?.alive).toBe(false);
    expect(project.servers).toHaveLength(1);
    expect(project.services.alive).toHaveLength(1);
    expect(await project.run(['stop'])).toMatchObject({ code: 0 });
    expect(project.living).toEqual([]);
  },
);

test('a work tree that disappears: stop finds what it started, by its name and from within', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  for (const how of ['by name', 'from within'] as const) {
    mkdirSync(project.root, { recursive: true });
    project.declareServices({ web: await freePort() });
    expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
    const stop =
      how === 'by name'
        ? (rmSync(project.root, { recursive: true }),
          await project.run(['stop', '-C', project.root], { cwd: '/' }))
        : await project.program(
            ['bash', '-c', `rm -rf "$PWD"; exec "$0" "$@"`, process.execPath, project.cli, 'stop'],
            { env: { PWD: project.root } },
          ).finished;
    expect(stop).toMatchObject({ code: 0, stdout: expect.stringMatching(/^stopped/) });
    expect(project.living).toEqual([]);
    const start = await project.run(['start', '-d', '-C', project.root], { cwd: '/' });
    expect(start).toMatchObject({ code: 1, stderr: expect.stringContaining('is not a directory') });
  }
  mkdirSync(project.root);
});

test('without git everything works, and the state lies in the home', async () => {
  await using project = await temporaryProject({ git: false });
  project.declareServices({ web: await freePort() });
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0, stderr: '' });
  expect(await project.status()).toMatchObject({ stack: 'up', freshness: { verdict: 'fresh' } });
  expect(readdirSync(join(project.home, '.local/state/upkeep'))).toContain(project.key);
  project.write('src/new.mjs', 'export {};');
  expect(await project.status()).toMatchObject({
    freshness: { verdict: 'stale', reasons: [{ path: 'src/new.mjs' }] },
  });
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
});

test('without the program git everything works', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const bin = join(project.home, 'bin');
  mkdirSync(bin);
  for (const name of ['bash', 'sh', 'flock', 'sleep']) symlinkSync(join('/usr/bin', name), join(bin, name));
  const [node = '', binaries = ''] = project.env['PATH']?.split(':') ?? [];
  const env = { PATH: [bin, node, binaries].join(':') };
  const start = await project.run(['start', '-d'], { env });
  expect(start.code).toBe(0);
  expect(await project.status({ env })).toMatchObject({ stack: 'up', healthy: true });
  expect(await project.run(['restart'], { env })).toMatchObject({ code: 0 });
  expect(await project.run(['stop'], { env })).toMatchObject({ code: 0 });
});

test('a path of 200 characters, with spaces and quotes in it', async () => {
  const long = `${'a'.repeat(90)}/it's "quoted" $HOME/${'b'.repeat(90)}`;
  await using project = await temporaryProject({ at: long });
  project.declareServices({ web: await freePort() });
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0, stderr: '' });
  expect(await project.status()).toMatchObject({
    stack: 'up',
    root: project.root,
    freshness: { verdict: 'fresh' },
  });
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
});

test('a project that is reached through a symlink is the same project', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const link = join(project.home, 'link');
  symlinkSync(project.root, link);
  expect(await project.run(['start', '-d'], { cwd: link, env: { PWD: link } })).toMatchObject({ code: 0 });
  expect(await project.status()).toMatchObject({ stack: 'up', root: realpathSync(link) });
  expect(await project.run(['stop', '-C', link], { cwd: '/' })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^stopped/),
  });
});

test('a Docker compose.yaml beside process-compose.yaml is passed over', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  project.write('compose.yaml', 'services:\n  cache:\n    image: redis\n');
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0, stderr: '' });
  expect(await project.status()).toMatchObject({ services: [{ name: 'web' }] });
});

test('a Docker compose.yaml alone is no project', async () => {
  await using project = await temporaryProject({
    files: { 'compose.yaml': 'services:\n  cache:\n    image: redis\n' },
  });
  expect(await project.run(['start', '-d'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no project'),
  });
  project.declareServices({ web: await freePort() });
});

test('sudo on a project of somebody else is refused by name', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  if (process.getuid?.() !== 0) return; // only root can give a directory away
  await project.program(['chown', '12345', project.root]).finished;
  const refused = await project.run(['start', '-d'], { env: { SUDO_UID: '12345', SUDO_USER: 'ada' } });
  expect(refused.code).toBe(4);
  expect(refused.stderr).toMatch(/belongs to ada, and this is sudo/);
  await project.program(['chown', '0', project.root]).finished;
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
