import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatEndpoint } from '../../../src/core/endpoint.ts';
import { connectControl } from '../../../src/supervisor/process-compose/client.ts';
import { answeringServer } from '../../rig/answering-server.ts';
import type { RealServer } from '../../rig/process-compose-server.ts';
import { realServer } from '../../rig/process-compose-server.ts';

/** Guards against hanging, no claims. */
const soon = { timeoutMs: 30_000 };
const patient = { timeout: 30_000 };

describe('with a real process-compose', () => {
  let server: RealServer;
  beforeAll(async () => {
    server = await realServer(`
processes:
  web:
    command: exec sleep 300
    readiness_probe: { exec: { command: "true" }, period_seconds: 1 }
  count: { command: "for i in 1 2 3 4 5; do echo line $i; done" }
  crash: { command: "exit 7" }
  stoppable: { command: exec sleep 300 }
  a/b: { command: exec sleep 300 }
  50%: { command: "echo half; exec sleep 300" }
  off: { command: exec sleep 300, disabled: true }
`);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('it is alive and tells its version, start and files', async () => {
    expect(await server.control.live()).toEqual({ ok: true, value: undefined });
    const info = await server.control.info();
    expect(info).toMatchObject({
      ok: true,
      value: { version: expect.stringMatching(/^v\d/), fileNames: ['process-compose.yaml'] },
    });
    expect(info.ok && Number.isNaN(Date.parse(info.value.startedAt))).toBe(false);
  });

  test('the states are sorted by name and say what each service does', async () => {
    const named = await server.statesWhen(
      (of) => of('web').isReady === 'ready' && of('crash').status === 'Completed',
    );
    expect(named('web')).toMatchObject({
      status: 'Running',
      isRunning: true,
      hasProbe: true,
      pid: expect.any(Number),
    });
    expect(named('crash')).toMatchObject({
      exitCode: 7,
      isRunning: false,
      isReady: 'unknown',
      hasProbe: false,
    });
    expect(named('off')).toMatchObject({ status: 'Disabled', pid: null });
    const states = await server.control.states();
    const names = states.ok ? states.value.map((state) => state.name) : [];
    expect(names).toEqual(['50%', 'a/b', 'count', 'crash', 'off', 'stoppable', 'web']);
  });

  test('logs are the newest lines, oldest first, and 0 means all', async () => {
    await server.statesWhen((of) => of('count').status === 'Completed');
    expect(await server.control.logs('count', 2)).toEqual({ ok: true, value: ['line 4', 'line 5'] });
    expect(await server.control.logs('count', 0)).toMatchObject({ value: { length: 5 } });
    expect(await server.control.logs('off', 10)).toEqual({ ok: true, value: [] });
  });

  test('a service that does not exist is refused with the words of the server', async () => {
    const refused = { reason: 'endpoint-rejected', status: 400 };
    expect(await server.control.logs('nope', 1)).toMatchObject({
      failure: { ...refused, message: "process nope doesn't exist" },
    });
    expect(await server.control.stopService('nope', soon)).toMatchObject({
      failure: { ...refused, message: 'process nope does not exist' },
    });
  });

  test('stopping a service twice is the same as once', async () => {
    await server.statesWhen((of) => of('stoppable').isRunning);
    expect(await server.control.stopService('stoppable', soon)).toEqual({ ok: true, value: undefined });
    await server.statesWhen((of) => of('stoppable').status === 'Completed');
    expect(await server.control.stopService('stoppable', soon)).toEqual({ ok: true, value: undefined });
  });

  test('a name with a percent sign is addressed as it is', async () => {
    await server.statesWhen((of) => of('50%').isRunning);
    const said = () => server.control.logs('50%', 1);
    await expect.poll(said, patient).toEqual({ ok: true, value: ['half'] });
  });

  test('a name with a slash, which this release cannot route, is refused and not taken for a stranger', async () => {
    expect(await server.control.stopService('a/b', soon)).toMatchObject({
      failure: { reason: 'endpoint-rejected', status: 404, message: expect.stringContaining('"/"') },
    });
  });
});

test('stopping the project ends the server, and its endpoint is then absent', async () => {
  await using server = await realServer('processes: { web: { command: exec sleep 300 } }');
  // It answers before it starts its services, and would start them after this stop.
  await server.statesWhen((of) => of('web').isRunning);
  expect(await server.control.stopProject(soon)).toEqual({ ok: true, value: undefined });
  await server.ended;
  const endpoint = formatEndpoint(server.endpoint);
  expect(await server.control.live()).toEqual({
    ok: false,
    failure: { reason: 'endpoint-absent', endpoint },
  });
});

test('a stop that a stubborn service holds up is given up after its budget', async () => {
  await using server = await realServer(`
processes: { web: { command: "trap '' TERM; echo armed; while :; do sleep 1; done" } }`);
  await expect.poll(() => server.control.logs('web', 1), patient).toEqual({ ok: true, value: ['armed'] });
  expect(await server.control.stopProject({ timeoutMs: 300 })).toMatchObject({
    failure: { reason: 'endpoint-timeout', timeoutMs: 300 },
  });
});

// 1.87, the release that the tests run, has no token yet (1.94 brought it): here a server that does what 1.94 does.
test('a server with a token is alive but unauthorised without it, and talks with it', async () => {
  const token = 'a-token-of-more-than-twenty-characters';
  await using server = await answeringServer((request, response) => {
    if (request.headers['x-pc-token-key'] !== token) response.writeHead(401).end();
    else response.end('{"status":"alive","data":[]}');
  });
  const unauthorised = { ok: false, failure: { reason: 'endpoint-unauthorised' } };
  for (const stranger of [undefined, null, '', `${token}!`]) {
    const without = connectControl(server.endpoint, stranger === undefined ? {} : { token: stranger });
    expect(await without.live()).toMatchObject(unauthorised);
    expect(await without.states()).toMatchObject(unauthorised);
    expect(await without.stopService('web', soon)).toMatchObject(unauthorised);
    expect(await without.stopProject(soon)).toMatchObject(unauthorised);
  }
  const control = connectControl(server.endpoint, { token });
  expect(await control.live()).toEqual({ ok: true, value: undefined });
  expect(await control.states()).toEqual({ ok: true, value: [] });
});

test('a release that knows no token takes one without a word', async () => {
  await using server = await realServer('processes: { web: { command: exec sleep 300 } }');
  const control = connectControl(server.endpoint, { token: 'a-token-of-more-than-twenty-characters' });
  expect(await control.live()).toEqual({ ok: true, value: undefined });
});

describe('with something else at the endpoint', () => {
  test.for([
    ['a web page', 200, '<html>hello</html>'],
    ['JSON of another service', 200, '{"status":"fine","data":7,"logs":[1]}'],
    ['JSON that is no object', 200, '[]'],
    ['an unknown route', 404, '404 page not found'],
    ['a redirect', 301, ''],
    ['a gateway error', 502, '<html>bad gateway</html>'],
  ] as const)('%s is garbage, whatever is asked', async ([, status, body]) => {
    await using server = await answeringServer((_, response) => response.writeHead(status).end(body));
    const control = connectControl(server.endpoint);
    const garbage = { ok: false, failure: { reason: 'endpoint-garbage' } };
    expect(await control.live()).toMatchObject(garbage);
    expect(await control.info()).toMatchObject(garbage);
    expect(await control.states()).toMatchObject(garbage);
    expect(await control.logs('web', 1)).toMatchObject(garbage);
    if (status !== 200) expect(await control.stopProject(soon)).toMatchObject(garbage);
  });

  test('one state with a wrong type spoils the whole answer', async () => {
    const body = { data: [{ name: 'web', status: 'Running', pid: '17' }] };
    await using server = await answeringServer((_, response) => response.end(JSON.stringify(body)));
    expect(await connectControl(server.endpoint).states()).toMatchObject({
      failure: { reason: 'endpoint-garbage' },
    });
  });

  test('a server that does not speak HTTP is garbage', async () => {
    await using place = await rawServer((socket) => socket.end('-ERR unknown command\r\n'));
    expect(await connectControl(place.endpoint).live()).toMatchObject({
      failure: { reason: 'endpoint-garbage' },
    });
  });

  test('one that takes the request and says nothing is a timeout', async () => {
    await using place = await rawServer(() => undefined);
    const control = connectControl(place.endpoint, { readTimeoutMs: 100 });
    expect(await control.states()).toMatchObject({ failure: { reason: 'endpoint-timeout', timeoutMs: 100 } });
  });

  test('one that stops in the middle of its answer is a timeout', async () => {
    await using server = await answeringServer((_, response) => response.write('{"data":'));
    const control = connectControl(server.endpoint, { readTimeoutMs: 100 });
    expect(await control.states()).toMatchObject({ failure: { reason: 'endpoint-timeout' } });
  });

  test('an abort ends a call at once', async () => {
    await using place = await rawServer(() => abort.abort());
    const abort = new AbortController();
    expect(await connectControl(place.endpoint).states(abort.signal)).toMatchObject({
      failure: { reason: 'interrupted' },
    });
  });

  test('a hang-up is the end of the project, but no answer to anything else', async () => {
    await using server = await answeringServer((request) => request.socket.destroy());
    const control = connectControl(server.endpoint);
    expect(await control.stopProject(soon)).toEqual({ ok: true, value: undefined });
    expect(await control.stopService('web', soon)).toMatchObject({ failure: { reason: 'endpoint-closed' } });
    expect(await control.states()).toMatchObject({ failure: { reason: 'endpoint-closed' } });
  });
});

test('requests have no trailing slash, and names are encoded', async () => {
  await using server = await answeringServer((_, response) => response.end('{"logs":null}'));
  const control = connectControl(server.endpoint);
  await control.logs('a/b', 20);
  await control.stopService('50% ü', soon);
  await control.stopProject(soon);
  expect(server.asked).toEqual([
    'GET /process/logs/a%2Fb/0/20',
    'PATCH /process/stop/50%25%20%C3%BC',
    'POST /project/stop',
  ]);
});

test('a list that Go left empty is no list of nothing but an empty one', async () => {
  await using server = await answeringServer((_, response) => response.end('{"logs":null,"data":null}'));
  const control = connectControl(server.endpoint);
  expect(await control.logs('web', 1)).toEqual({ ok: true, value: [] });
  expect(await control.states()).toEqual({ ok: true, value: [] });
});

test('a socket that its server left behind is refused, whoever asks', async () => {
  await using place = await rawServer(() => undefined);
  const left = join(place.directory, 'left.sock');
  renameSync(place.endpoint.path, left);
  await place.close();
  const control = connectControl({ kind: 'unix', path: left });
  expect(await control.live()).toEqual({
    ok: false,
    failure: { reason: 'endpoint-refused', endpoint: `unix:${left}` },
  });
  expect(await control.stopProject(soon)).toMatchObject({ failure: { reason: 'endpoint-refused' } });
});

test('a plain file in the place of the socket is refused too', async () => {
  await using place = await rawServer(() => undefined);
  const path = join(place.directory, 'file');
  writeFileSync(path, '');
  expect(await connectControl({ kind: 'unix', path }).live()).toMatchObject({
    failure: { reason: 'endpoint-refused' },
  });
});

/** Speaks no HTTP of itself. */
async function rawServer(onConnection: Parameters<typeof createServer>[1] & {}) {
  const directory = mkdtempSync('/tmp/uk-');
  const path = join(directory, 's.sock');
  const sockets = new Set<{ destroy(): void }>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => onConnection(socket));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    directory,
    endpoint: { kind: 'unix', path } as const,
    close,
    async [Symbol.asyncDispose]() {
      await close();
      rmSync(directory, { recursive: true });
    },
  };
}
