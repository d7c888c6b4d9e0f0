import { describe, expect, test } from 'vitest';
import type { Step } from '../../src/io/step.ts';
import { isAlive } from '../../src/processes/table.ts';
import type { Scene } from '../rig/crash.ts';
import { expectTrue, scene } from '../rig/crash.ts';
import { pausedAt } from '../rig/paused.ts';
import { eventually } from '../rig/until.ts';

const steps = [
  'locked',
  'intent-written',
  'planned',
  'stop-asked',
  'services-gone',
  'server-gone',
  'socket-removed',
  'records-removed',
  'start-recorded',
  'instance-recorded',
  'spawned',
  'server-recorded',
  'live',
  'applied-written',
  'outcome-written',
] as const satisfies readonly Step[];

test.each(steps)(
  'upkeep is killed in `restart` at the step %s: status says what is true, and the next one finishes it',
  async (step) => {
    await using at = await scene();
    const { project } = at;
    await at.start();
    const restart = await pausedAt(project, ['restart'], step);
    await restart.kill();

    const { status, seen } = await at.truth();
    // A server in its first moments has no socket yet: it is shown as what is left of a crash, for as long as that is true.
    if (step !== 'spawned' && step !== 'server-recorded') expectTrue(status, seen);
    expect(status.desired).toBe('up');

    // Half of a restart is finished by whichever verb comes next, by `start` too.
    const next = steps.indexOf(step) % 2 === 0 ? ['start', '-d'] : ['restart'];
    expect(await project.run(next)).toMatchObject({ code: 0 });
    await at.expectOneStack();
    at.expectNothingForeignTouched();
  },
);

/** By pid and start time: the one that lives now. */
async function killServer(at: Scene): Promise<void> {
  // One that was just spawned may not have its own command line yet.
  const row = await eventually('the server', () => at.project.servers[0]);
  process.kill(row.pid, 'SIGKILL');
  await eventually('the end of the server', () => !isAlive(row));
}

describe('process-compose is killed in `restart`', () => {
  test('before the stop, and the restart ends with one stack all the same', async () => {
    await using at = await scene();
    await at.start();
    const restart = await pausedAt(at.project, ['restart'], 'planned');
    await killServer(at);
    restart.goOn();
    expect(await restart.running.finished).toMatchObject({ code: 0 });
    await at.expectOneStack();
    at.expectNothingForeignTouched();
  });

  test('while it stops its services: those are asked from here, get their time, and the restart goes on', async () => {
    await using at = await scene('--hold-term');
    const web = await at.start();
    const restart = await pausedAt(at.project, ['restart'], 'stop-asked');
    await web.gotTerm();
    await killServer(at);
    web.termed = false;
    restart.goOn();
    await web.gotTerm();
    await web.exit(0);
    const done = await restart.running.finished;
    expect(done).toMatchObject({ code: 0 });
    expect(done.stderr).not.toMatch(/killed/);
    await at.expectOneStack();
    at.expectNothingForeignTouched();
  });

  test.each(['server-recorded', 'live', 'applied-written'] as const)(
    'at the step %s: the restart says so, and the next one gives one stack',
    async (step) => {
      await using at = await scene();
      const { project } = at;
      await at.start();
      const restart = await pausedAt(project, ['restart'], step);
      await killServer(at);
      restart.goOn();
      const done = await restart.running.finished;
      expect([1, 3]).toContain(done.code); // failed, or down by now
      expect(done.stderr).toMatch(/the supervisor|nothing answers/);

      const { status, seen } = await at.truth();
      expectTrue(status, seen);
      expect(status.desired).toBe('up');
      expect(await project.run(['restart'])).toMatchObject({ code: 0 });
      await at.expectOneStack();
      at.expectNothingForeignTouched();
    },
  );
});

describe('a service is killed in `restart`', () => {
  test.each(['planned', 'stop-asked', 'live'] as const)(
    'at the step %s, and one stack comes out of it, now or at the next restart',
    async (step) => {
      await using at = await scene();
      const { project } = at;
      await at.start();
      const restart = await pausedAt(project, ['restart'], step);
      if (step === 'live') await eventually('the service', () => at.webs().length === 1);
      for (const web of at.webs()) web.signal('SIGKILL');
      restart.goOn();
      const done = await restart.running.finished;
      expect(done.code).toBe(step === 'live' ? 1 : 0);
      if (step === 'live') {
        expect(done.stderr).toMatch(/web: was ended by a signal/);
        expect(await project.status()).toMatchObject({
          stack: expect.not.stringMatching('^up$'),
          healthy: false,
        });
        expect(await project.run(['restart'])).toMatchObject({ code: 0 });
      }
      await at.expectOneStack();
      at.expectNothingForeignTouched();
    },
  );
});
