import { expect, it } from 'vitest';
import type { Cause } from '../../src/core/event.ts';
import type { ServiceDefinition } from '../../src/core/service.ts';
import type { ServiceReport } from '../../src/core/status.ts';
import { blockersOf } from '../../src/core/blockers.ts';
import type { Happened } from '../../src/core/last-restart.ts';
import { lastRefusal, lastRestart } from '../../src/core/last-restart.ts';
import { downBecause } from '../../src/core/why.ts';

const at = (second: number): string => `2026-01-02T03:04:${String(second).padStart(2, '0')}.000Z`;
const cause: Cause = { trigger: 'change', paths: ['src/a.ts'], count: 1 };
const begin = (second: number, restart: string): Happened => ({
  t: at(second),
  event: 'restart.begin',
  restart,
  cause,
});
const end = (second: number, restart: string, outcome: 'ok' | 'no-change' | 'failed'): Happened => ({
  t: at(second),
  event: 'restart.end',
  restart,
  outcome,
  downtimeMs: outcome === 'ok' ? 900 : null,
  failure: outcome === 'failed' ? { reason: 'not-running' } : null,
});
const verb = (second: number, name: 'start' | 'stop' | 'restart', failed = false): Happened => ({
  t: at(second),
  event: 'verb',
  verb: name,
  failure: failed ? { reason: 'not-running' } : null,
});

it('finds the last restart, by the watcher with its cause or by hand', () => {
  expect(lastRestart([verb(1, 'start'), begin(5, 'x-1'), end(7, 'x-1', 'ok')], null)).toEqual({
    at: at(5),
    by: 'watcher',
    what: 'restart',
    cause,
    outcome: 'ok',
    downtimeMs: 900,
  });
  expect(lastRestart([begin(1, 'x-1'), end(2, 'x-1', 'ok'), verb(9, 'restart')], null)).toMatchObject({
    at: at(9),
    by: 'hand',
    what: 'restart',
  });
  expect(lastRestart([verb(1, 'start'), begin(5, 'x-1')], null)).toMatchObject({ at: at(5), outcome: null });
});

it('does not take for a restart what was refused, stopped, or found to mean the same', () => {
  const events = [
    verb(1, 'start'),
    verb(2, 'restart', true),
    begin(5, 'x-1'),
    end(6, 'x-1', 'no-change'),
    verb(7, 'stop'),
  ];
  expect(lastRestart(events, null)).toMatchObject({ at: at(1), what: 'start' });
});

it('does not tell of an earlier instance than the one that runs', () => {
  const events = [verb(1, 'start'), begin(5, 'x-1'), end(6, 'x-1', 'ok')];
  expect(lastRestart(events, at(30))).toMatchObject({ at: at(30), by: 'unknown' });
  // A restart begins before its instance starts, and ends after it.
  expect(lastRestart([begin(5, 'x-1'), end(40, 'x-1', 'ok')], at(30))).toMatchObject({ by: 'watcher' });
  const cutOff = [begin(5, 'x-1'), verb(7, 'stop')];
  expect(lastRestart(cutOff, at(30))).toMatchObject({ at: at(30), by: 'unknown' });
  expect(lastRestart([begin(27, 'x-1')], at(30))).toMatchObject({ by: 'watcher', outcome: null });
  expect(lastRestart([], null)).toBeNull();
});

it('finds what failed since, unless something succeeded after it', () => {
  const failed = [verb(1, 'start'), verb(5, 'restart', true)];
  expect(lastRefusal(failed, at(1))).toMatchObject({ at: at(5), what: 'upkeep restart' });
  expect(lastRefusal([...failed, verb(6, 'restart')], at(6))).toBeNull();
  expect(lastRefusal([begin(1, 'x-1'), end(2, 'x-1', 'failed')], null)).toMatchObject({ at: at(2) });
  expect(lastRefusal([], null)).toBeNull();
});

it('says why a stack is down from what was intended', () => {
  const intended = { at: at(1), verb: 'stop', desired: 'down', outcome: 'done', thisBoot: true } as const;
  expect(downBecause(null, 0).because).toMatch(/never started/);
  expect(downBecause(intended, 0)).toEqual({ because: '`upkeep stop` stopped it', at: at(1) });
  expect(downBecause({ ...intended, thisBoot: false }, 0).because).toMatch(/machine was rebooted/);
  expect(downBecause({ ...intended, outcome: 'begun' }, 0).because).toMatch(/cut off/);
  expect(downBecause({ ...intended, verb: 'start', desired: 'up', outcome: 'failed' }, 0).because).toMatch(
    /`upkeep start` failed/,
  );
  const crashed = downBecause({ ...intended, verb: 'start', desired: 'up' }, 2);
  expect(crashed).toEqual({
    because: expect.stringMatching(/crashed, and left 2 processes behind/),
    at: null,
  });
});

const definition = (name: string, on: string | null): ServiceDefinition =>
  ({
    name,
    dependsOn: on === null ? [] : [{ name: on, condition: 'process_healthy' }],
  }) as unknown as ServiceDefinition;
const service = (name: string, verdict: ServiceReport['verdict']): ServiceReport =>
  ({
    name,
    verdict,
    what: `${name} is ${verdict}`,
    ready: verdict === 'ok',
    pid: 1,
  }) as unknown as ServiceReport;
const definitions = new Map(
  [definition('web', 'migrate'), definition('migrate', 'db'), definition('db', null)].map((one) => [
    one.name,
    one,
  ]),
);

it('follows what a service waits for down to the first cause', () => {
  const services = [service('web', 'starting'), service('migrate', 'starting'), service('db', 'unready')];
  expect(blockersOf('web', definitions, { services })).toEqual([
    { name: 'migrate', condition: 'process_healthy', verdict: 'starting', what: 'migrate is starting' },
    { name: 'db', condition: 'process_healthy', verdict: 'unready', what: 'db is unready' },
  ]);
  expect(blockersOf('db', definitions, { services })).toEqual([]);
});

it('is not blocked by what is as it should be, and names what is not in the running stack', () => {
  const services = [service('web', 'starting'), service('migrate', 'ok')];
  expect(blockersOf('web', definitions, { services })).toEqual([]);
  expect(blockersOf('migrate', definitions, { services })).toMatchObject([
    { name: 'db', verdict: 'unknown' },
  ]);
});
