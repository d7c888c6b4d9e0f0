import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/core/health.ts';
import { joinedLogs } from '../../../src/supervisor/devenv-native/joined-logs.ts';
import {
  readDone,
  readList,
  readLogged,
  readRefusal,
  saysNotRunning,
} from '../../../src/supervisor/devenv-native/protocol.ts';
import { stateOf } from '../../../src/supervisor/devenv-native/service-state.ts';

const listed = (phase: string, restarts = 0) => ({ name: 'web', phase, restarts, ports: [] });

describe('an answer', () => {
  test('that lists is read in the order of the names, with or without ports', () => {
    const processes = [
      { name: 'web', phase: 'ready', restart_count: 1, ports: ['http:18081', 'x'] },
      { name: 'db', phase: 'waiting' },
    ];
    expect(readList({ status: 'process_list', processes })).toEqual([
      { name: 'db', phase: 'waiting', restarts: 0, ports: [] },
      { name: 'web', phase: 'ready', restarts: 1, ports: [18081] },
    ]);
  });

  test('of any other shape is none', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(readList(value)).toBeNull();
        expect(readLogged(value)).toBeNull();
        expect(readDone(value)).toBeNull();
        expect(readRefusal(value)).toBeNull();
      }),
    );
    for (const processes of [
      null,
      'x',
      [null],
      [{ name: 1 }],
      [{ name: 'a', phase: 'b', restart_count: '1' }],
    ])
      expect(readList({ status: 'process_list', processes })).toBeNull();
  });
});

describe('a process', () => {
  test.each([
    ['waiting', 'Pending', false],
    ['not_started', 'Pending', false],
    ['starting', 'Launching', true],
    ['ready', 'Running', true],
    ['exited', 'Completed', false],
    ['gave_up', 'gave_up', false],
    ['stopped', 'Stopped', false],
    ['parked', 'parked', false],
  ])('that is %s is %s in our words', (phase, status, isRunning) => {
    const state = stateOf(listed(phase), { pid: 7, ageMs: 60_000 }, 0);
    expect(state).toMatchObject({ status, isRunning, exitCode: null, pid: 7 });
  });

  test('that crashed and says ready again is believed when it has run for a while', () => {
    expect(stateOf(listed('ready', 3), { pid: 7, ageMs: 300 }, 60_000).status).toBe('Restarting');
    expect(stateOf(listed('ready', 3), { pid: 7, ageMs: 5_000 }, 60_000).status).toBe('Running');
    expect(stateOf(listed('ready', 3), null, 60_000).status).toBe('Restarting');
    expect(stateOf(listed('ready', 0), { pid: 7, ageMs: 0 }, 60_000).status).toBe('Running');
  });

  test('that crashed and has no probe stays in its start for good, and runs when it has run for a while', () => {
    const old = { pid: 7, ageMs: 5_000 };
    expect(stateOf(listed('starting', 1), old, 60_000, { probed: false })).toMatchObject({
      status: 'Running',
      isRunning: true,
    });
    expect(stateOf(listed('starting', 1), { pid: 7, ageMs: 300 }, 60_000, { probed: false }).status).toBe(
      'Restarting',
    );
    for (const probed of [true, null])
      expect(stateOf(listed('starting', 1), old, 60_000, { probed }).status).toBe('Launching');
    expect(stateOf(listed('starting', 0), old, 60_000, { probed: false }).status).toBe('Launching');
  });

  test('that its manager lost after a restart has failed', () => {
    const state = stateOf(listed('ready', 0), null, 60_000, { lost: true });
    expect(state).toMatchObject({ status: 'Lost', isRunning: false, pid: null });
    expect(judge(null, state, null).verdict).toBe('failed');
  });
});

test.each([
  ["failed to stop process 'web': Process web is already stopped, cannot stop", true],
  ["failed to stop process 'web': Process web is auto start off, cannot stop", true],
  ["failed to stop process 'web': Process web not found", true],
  ["failed to stop process 'web': Process web is starting, cannot stop", false],
])('that refuses with %j says whether there is nothing to stop: %s', (message, expected) => {
  expect(saysNotRunning(message)).toBe(expected);
});

describe('two logs as one', () => {
  test('keep what was told and put what is new behind it, also after a new start cut them', () => {
    const read = joinedLogs();
    expect(read('web', { stdout: 'a\nb\n', stderr: 'x' }, 0)).toEqual(['a', 'b', 'x']);
    expect(read('web', { stdout: 'a\nb\nc', stderr: 'x' }, 0)).toEqual(['a', 'b', 'x', 'c']);
    expect(read('web', { stdout: 'n', stderr: '' }, 0)).toEqual(['a', 'b', 'x', 'c', 'n']);
    expect(read('api', { stdout: 'own', stderr: '' }, 0)).toEqual(['own']);
  });

  test('give the last lines of what is there', () => {
    expect(joinedLogs()('web', { stdout: 'a\nb', stderr: 'x\ny' }, 3)).toEqual(['b', 'x', 'y']);
  });
});
