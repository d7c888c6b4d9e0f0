import { describe, expect, test } from 'vitest';
import type { Step } from '../../src/io/step.ts';
import { expectTrue, scene } from '../rig/crash.ts';
import { pausedAt } from '../rig/paused.ts';
import { eventually } from '../rig/until.ts';

const steps = [
  'locked',
  'intent-written',
  'planned',
  'start-recorded',
  'instance-recorded',
  'spawned',
  'server-recorded',
  'live',
  'applied-written',
] as const satisfies readonly Step[];

const spawnedAt: ReadonlySet<Step> = new Set<Step>(['spawned', 'server-recorded', 'live', 'applied-written']);

describe.each(steps)('upkeep is killed in `start` at the step %s', (step) => {
  test.each([['start', '-d'], ['stop']])(
    'status says what is true, and %s ends with one stack or none',
    async (...next) => {
      await using at = await scene();
      const { project } = at;
      const start = await pausedAt(project, ['start', '-d'], step);
      await start.kill();
      const isUp = spawnedAt.has(step);
      // The server that was spawned comes up by itself: nobody has to wait for it.
      if (isUp) await eventually('the service of the new server', () => at.webs().length === 1);

      const status = await at.truth();
      expectTrue(status, at.picture());
      expect(status.desired).toBe(step === 'locked' ? 'unknown' : 'up');
      expect(status.instance?.owner ?? null).toBe(isUp ? 'upkeep' : null);

      expect(await project.run(next)).toMatchObject({ code: 0 });
      if (next[0] === 'stop') await at.expectNone();
      else await at.expectOneStack();
      expect(project.services.of('web').length).toBeLessThanOrEqual(next[0] === 'stop' ? 1 : 2);
      at.expectNothingForeignTouched();
    },
  );
});

test('a start that follows at once on one that was killed between launch and record gives one stack', async () => {
  await using at = await scene();
  const { project } = at;
  const start = await pausedAt(project, ['start', '-d'], 'spawned');
  await start.kill();
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
  await at.expectOneStack();
  at.expectNothingForeignTouched();
});

test.each(['server-recorded', 'instance-recorded'] as const)(
  'a record of a server that is gone (%s) confuses nobody',
  async (step) => {
    await using at = await scene();
    const { project } = at;
    const start = await pausedAt(project, ['start', '-d'], step);
    await start.kill();
    if (step === 'server-recorded') await eventually('the service', () => at.webs().length === 1);
    for (const { pid } of project.servers) process.kill(pid, 'SIGKILL');
    for (const web of at.webs()) web.signal('SIGKILL');
    await eventually('nothing lives', () => at.picture().servers.length + at.webs().length === 0);

    expect(await project.status()).toMatchObject({ stack: 'down', instance: null, orphans: [] });
    expect(await project.run(['stop'])).toMatchObject({ code: 0, stdout: 'nothing was running\n' });
    expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
    await at.expectOneStack();
    at.expectNothingForeignTouched();
  },
);
