import { describe, expect, test } from 'vitest';
import type { Step } from '../../src/io/step.ts';
import { expectTrue, scene } from '../rig/crash.ts';
import { pausedAt } from '../rig/paused.ts';

const steps = [
  'locked',
  'intent-written',
  'stop-asked',
  'services-gone',
  'server-gone',
  'socket-removed',
  'records-removed',
  'outcome-written',
] as const satisfies readonly Step[];

describe.each(steps)('upkeep is killed in `stop` at the step %s', (step) => {
  const bringsUp = steps.indexOf(step) % 2 === 0 ? ['start', '-d'] : ['restart'];
  test.each([bringsUp, ['stop']])(
    'status says what is true, and %s ends with one stack or none',
    async (...next) => {
      await using at = await scene();
      const { project } = at;
      await at.start();
      const stop = await pausedAt(project, ['stop'], step);
      await stop.kill();

      const { status, seen } = await at.truth();
      expectTrue(status, seen);
      expect(status.desired).toBe(step === 'locked' ? 'up' : 'down');

      expect(await project.run(next)).toMatchObject({ code: 0 });
      if (next[0] === 'stop') await at.expectNone();
      else await at.expectOneStack();
      at.expectNothingForeignTouched();
    },
  );
});
