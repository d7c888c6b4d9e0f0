/** The built CLI, held at one step of what it does (src/io/step.ts): to be killed there, or let go on. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from '../../src/io/step.ts';
import type { Running } from './command.ts';
import type { TestProject } from './project.ts';
import { eventually } from './until.ts';

export interface Paused {
  readonly running: Running;
  /** As a machine that loses power would: at this step, without a word. */
  kill(): Promise<void>;
  goOn(): void;
}

/** Resolves when the command has reached `step`; fails with what it said when it ends before. */
export async function pausedAt(project: TestProject, args: readonly string[], step: Step): Promise<Paused> {
  const file = join(project.home, `at-${step}`);
  const running = project.begin(args, { env: { UPKEEP_TEST_PAUSE_AT: `${step}=${file}` } });
  const ended = running.finished.then((done) => {
    throw new Error(`${args.join(' ')} never came to ${step}: exit ${done.code}\n${done.all}`);
  });
  const goOn = (): void => rmSync(file, { force: true });
  await Promise.race([ended, eventually(`${args.join(' ')} reaches ${step}`, () => existsSync(file))]);
  ended.catch(() => undefined); // from here on it may end
  return {
    running,
    goOn,
    kill: async () => {
      running.signal('SIGKILL');
      await running.finished;
      goOn();
    },
  };
}
