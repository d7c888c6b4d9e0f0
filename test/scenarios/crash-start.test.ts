import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import type { Step } from '../../src/io/step.ts';
import { expectTrue, scene } from '../rig/crash.ts';
import { freePort } from '../rig/free-port.ts';
import { pausedAt } from '../rig/paused.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';
import { writtenFiles } from '../rig/written-files.ts';

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

      const { status, seen } = await at.truth();
      expectTrue(status, seen);
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

test('a server that does not listen yet when its start was killed is ended by the next one, not raced with', async () => {
  const slow = writtenFiles();
  const hold = slow.path('hold');
  const real = join(inject('binaries'), 'process-compose');
  slow.write({
    hold: '',
    'process-compose': `#!/bin/sh\ncase " $* " in *--dry-run*|*version*) ;; *" up"*) while [ -e ${hold} ]; do sleep 0.02; done;; esac\nexec ${real} "$@"\n`,
  });
  try {
    await using project = await temporaryProject({ path: [slow.root] });
    project.declareServices({ web: await freePort() });
    const start = await pausedAt(project, ['start', '-d'], 'spawned');
    const held = () => {
      const rows = project.living.filter(({ command }) => /sh .*process-compose.* up/.test(command));
      // Between fork and exec its `sleep` has its command line.
      return rows.filter(({ parent }) => !rows.some(({ pid }) => pid === parent));
    };
    const first = await eventually('the held server', () => held()[0]);
    await start.kill();
    expect((await project.status()).orphans[0]).toMatchObject({ pid: first.pid });
    const next = project.begin(['start', '-d']);
    await eventually('its end, and the next one', () => {
      const [only, ...more] = held();
      return only !== undefined && more.length === 0 && only.pid !== first.pid;
    });
    slow.remove('hold');
    expect(await next.finished).toMatchObject({ code: 0 });
    expect(project.servers).toHaveLength(1);
    expect(project.services.of('web')).toHaveLength(1);
  } finally {
    slow[Symbol.dispose]();
  }
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
