/** The seam at which a crash test pauses this program; nothing happens at a step unless the test's variable names it. */
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Between any two of these something outside has changed, so a crash at each leaves a different state. */
export type Step =
  | 'locked'
  | 'intent-written'
  | 'planned'
  | 'stop-asked'
  | 'services-gone'
  | 'server-gone'
  | 'socket-removed'
  | 'records-removed'
  | 'start-recorded'
  | 'instance-recorded'
  | 'spawned'
  | 'server-recorded'
  | 'live'
  | 'applied-written'
  | 'outcome-written';

/** `STEP=FILE`: FILE appears when the step is reached for the first time, and its removal lets the program go on. */
const [wanted, file] = process.env['UPKEEP_TEST_PAUSE_AT']?.split('=', 2) ?? [];
let wasThere = false;

/** Resolves at once; in a test that asked for this step, when the test lets it. */
export async function atStep(step: Step): Promise<void> {
  if (step !== wanted || file === undefined || wasThere) return;
  wasThere = true;
  writeFileSync(file, String(process.pid));
  while (existsSync(file)) await sleep(5);
}
