import { expect, test } from 'vitest';
import type { ProcessRow } from '../../src/core/process.ts';
import { fail, ok } from '../../src/core/result.ts';
import type { Result } from '../../src/core/result.ts';
import type { ServiceState } from '../../src/core/service.ts';
import type { Member } from '../../src/processes/members.ts';
import { askSupervisor } from '../../src/supervisor/ask-supervisor.ts';
import type { Control } from '../../src/supervisor/port.ts';
import { ProcessRig, uniqueSeconds } from '../rig/processes.ts';

const lost = fail({ reason: 'endpoint-refused', endpoint: 'unix:/s' });

function control(pid: number, stopService: () => Promise<Result<void>>): Control {
  const state = { name: 'web', pid, isRunning: true, status: 'Running' } as ServiceState;
  return {
    states: async () => ok([state]),
    stopService,
    stopProject: async () => ok(undefined),
  } as unknown as Control;
}

const member = (row: Partial<ProcessRow>): Member => ({
  row: { pid: 1, startTime: '1', group: 1, ...row } as ProcessRow,
  evidence: [],
  service: 'web',
  generation: null,
  isServer: false,
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('everybody counts as asked while the service lives; a child elsewhere no more when it has ended', async () => {
  await using rig = new ProcessRig();
  const leader = await rig.id(rig.spawn(['sleep', uniqueSeconds()], { detached: true }).pid);
  const asked = askSupervisor(
    control(leader.pid, () => new Promise(() => undefined)),
    null,
    1_000,
  );
  expect(await asked.heard).toBe(true);
  await turn();
  const [inGroup, elsewhere] = [member({ group: leader.pid }), member({ group: 7 })];
  expect([asked.askedAt(inGroup), asked.askedAt(elsewhere)]).toEqual([
    expect.any(Number),
    expect.any(Number),
  ]);
  await rig.kill(leader);
  expect([asked.askedAt(inGroup), asked.askedAt(elsewhere)]).toEqual([expect.any(Number), null]);
});

test('after the answer only the groups that it stopped count as asked', async () => {
  const asked = askSupervisor(
    control(99_999_999, async () => ok(undefined)),
    null,
    1_000,
  );
  await asked.heard;
  await turn();
  expect(asked.askedAt(member({ group: 99_999_999 }))).toEqual(expect.any(Number));
  expect(asked.askedAt(member({ group: 7 }))).toBeNull();
});

test('nothing that a server promised counts when it died before it answered', async () => {
  const asked = askSupervisor(
    control(99_999_999, async () => lost),
    null,
    1_000,
  );
  await asked.heard;
  await turn();
  expect(asked.askedAt(member({ group: 99_999_999 }))).toBeNull();
});
