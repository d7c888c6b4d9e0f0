import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ServiceState } from '../../../src/core/service.ts';
import { connectControl } from '../../../src/supervisor/process-compose/client.ts';
import type { AnsweringServer } from '../../rig/answering-server.ts';
import { answeringServer } from '../../rig/answering-server.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/process-compose');

const routes: readonly [RegExp, status: number, file: string][] = [
  [/^GET \/live$/, 200, 'live'],
  [/^GET \/project\/state$/, 200, 'project-state'],
  [/^GET \/processes$/, 200, 'processes'],
  [/^GET \/process\/logs\/migrate\/0\/10$/, 200, 'logs'],
  [/^GET \/process\/logs\//, 400, 'logs-unknown'],
  [/^PATCH \/process\/stop\/plain$/, 200, 'stop'],
  [/^PATCH \/process\/stop\/crashed$/, 400, 'stop-not-running'],
  [/^PATCH \/process\/stop\//, 400, 'stop-unknown'],
  [/^POST \/project\/stop$/, 200, 'project-stop'],
];

const recorded = (version: string): Promise<AnsweringServer> =>
  answeringServer((request, response) => {
    const route = routes.find(([pattern]) => pattern.test(`${request.method} ${request.url}`));
    if (!route) return response.writeHead(404).end('404 page not found');
    return response.writeHead(route[1]).end(readFileSync(join(fixtures, version, `${route[2]}.json`)));
  });

async function statesOf(version: string): Promise<(name: string) => ServiceState | undefined> {
  await using server = await recorded(version);
  const states = await connectControl(server.endpoint).states();
  if (!states.ok) throw new Error(JSON.stringify(states.failure));
  return (name) => states.value.find((state) => state.name === name);
}

describe.each(['1.46', '1.63', '1.73', '1.87', '1.90', '1.110', '1.122'])('process-compose %s', (version) => {
  test('every call is understood', async () => {
    await using server = await recorded(version);
    const control = connectControl(server.endpoint);
    const soon = { timeoutMs: 30_000 };
    const done = { ok: true, value: undefined };
    expect(await control.live()).toEqual(done);
    expect(await control.info()).toMatchObject({ ok: true, value: { version: `v${version}.0` } });
    expect(await control.logs('migrate', 10)).toEqual({ ok: true, value: ['one', 'two'] });
    expect(await control.logs('nope', 10)).toMatchObject({
      failure: { reason: 'endpoint-rejected', status: 400 },
    });
    expect(await control.stopService('plain', soon)).toEqual(done);
    expect(await control.stopService('crashed', soon)).toEqual(done);
    expect(await control.stopService('nope', soon)).toMatchObject({
      failure: { message: 'process nope does not exist' },
    });
    expect(await control.stopProject(soon)).toEqual(done);
  });

  test('the same situations give the same states', async () => {
    const named = await statesOf(version);
    expect(named('web')).toMatchObject({ status: 'Running', isRunning: true, isReady: 'ready' });
    expect(named('crashed')).toMatchObject({
      status: 'Completed',
      isRunning: false,
      isReady: 'ready',
      exitCode: 7,
    });
    expect(named('again')).toMatchObject({ status: 'Running', isRunning: true, exitCode: 7, restarts: 1 });
    expect(named('slow')).toMatchObject({ isRunning: true, isReady: 'not-ready' });
    expect(named('alive')).toMatchObject({ isRunning: true, isReady: 'unknown' });
    expect(named('migrate')).toMatchObject({
      status: 'Completed',
      isRunning: false,
      exitCode: 0,
      namespace: 'default',
    });
    expect(named('off')).toMatchObject({ status: 'Disabled', isRunning: false, pid: null });
    expect(named('web')?.hasProbe).toBe(version === '1.46' ? null : true);
  });
});

test('1.87 tells of services that wait, were skipped, are broken, scheduled or in the foreground', async () => {
  const named = await statesOf('1.87');
  const status = (name: string) => named(name)?.status;
  expect(['waits', 'skipped', 'broken', 'nightly', 'fore'].map(status)).toEqual([
    'Pending',
    'Skipped',
    'Error',
    'Scheduled',
    'Foreground',
  ]);
});

test('1.122 lists several namespaces, watches and success exit codes', async () => {
  const named = await statesOf('1.122');
  expect(named('both')).toMatchObject({ namespace: 'api,jobs', exitCode: 130, successExitCodes: [130] });
  expect(named('assets')).toMatchObject({ status: 'Watching', isRunning: false });
});

test('a status that no release has today is kept as it came', async () => {
  const body = { data: [{ name: 'web', status: 'Hibernating', is_ready: 'N/A', namespace: [] }] };
  await using server = await answeringServer((_, response) => response.end(JSON.stringify(body)));
  expect(await connectControl(server.endpoint).states()).toEqual({
    ok: true,
    value: [
      {
        name: 'web',
        namespace: '',
        status: 'Hibernating',
        isReady: 'unknown',
        hasProbe: null,
        restarts: 0,
        exitCode: 0,
        isRunning: false,
        pid: null,
        ageNs: 0,
        successExitCodes: [],
      },
    ],
  });
});
