/** `npm run demo [-- --devenv]`: plays the main job step by step; exits 1 if one step does not hold, and leaves nothing running. */
import type { Step } from './acts.ts';
import { DevenvStage } from './devenv-stage.ts';
import { devenvSteps } from './devenv-steps.ts';
import { Stage } from './stage.ts';
import { steps } from './steps.ts';

const asked = process.argv.slice(2);
if (asked.length === 0) await play('examples/shop', () => Stage.create(), steps);
else if (asked.join() === '--devenv')
  await play('examples/shop-devenv, with a stand-in for devenv', () => DevenvStage.create(), devenvSteps);
else {
  console.error(`npm run demo [-- --devenv]: there is no ${asked.join(' ')}`);
  process.exitCode = 2;
}

async function play<S extends Stage>(
  what: string,
  create: () => Promise<S>,
  played: readonly Step<S>[],
): Promise<void> {
  const stage = await create().catch((error: unknown) => console.error(messageOf(error)));
  process.exitCode = 1;
  if (!stage) return;
  console.log(`upkeep on a copy of ${what}, in ${stage.root}\n`);
  const beganAt = Date.now();
  let failed = 0;
  try {
    await stage.setUp();
    for (const [index, step] of played.entries()) if (!(await holds(stage, step, index + 1))) failed += 1;
  } finally {
    await stage.end();
  }
  const took = ((Date.now() - beganAt) / 1000).toFixed(0);
  console.log(`${played.length - failed} of ${played.length} steps hold, ${took} s, nothing left running`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function holds<S extends Stage>(stage: S, step: Step<S>, number: number): Promise<boolean> {
  const startedAt = Date.now();
  console.log(`${String(number).padStart(2)}  ${step.title}`);
  console.log(`    expected: ${step.expected}`);
  const seen = await step.play(stage).then(
    (text) => ({ holds: true, text }),
    (error: unknown) => ({ holds: false, text: messageOf(error) }),
  );
  const took = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`    seen:     ${seen.text.replaceAll('\n', '\n              ')}`);
  console.log(`    ${seen.holds ? 'holds' : 'DOES NOT HOLD'}, ${took} s\n`);
  return seen.holds;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
