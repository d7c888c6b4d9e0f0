/** `npm run demo`: plays the main job step by step; exits 1 if one step does not hold, and leaves nothing running. */
import { steps } from './steps.ts';
import { Stage } from './stage.ts';

const stage = await Stage.create();
let failed = 0;
console.log(`upkeep on a copy of examples/shop in ${stage.root}\n`);
const beganAt = Date.now();
try {
  await stage.setUp();
  for (const [index, step] of steps.entries()) {
    const startedAt = Date.now();
    console.log(`${String(index + 1).padStart(2)}  ${step.title}`);
    console.log(`    expected: ${step.expected}`);
    const seen = await step.play(stage).then(
      (text) => ({ holds: true, text }),
      (error: unknown) => ({ holds: false, text: error instanceof Error ? error.message : String(error) }),
    );
    const took = ((Date.now() - startedAt) / 1000).toFixed(1);
    console.log(`    seen:     ${seen.text}`);
    console.log(`    ${seen.holds ? 'holds' : 'DOES NOT HOLD'}, ${took} s\n`);
    if (!seen.holds) failed += 1;
  }
} finally {
  await stage.end();
}
console.log(
  `${steps.length - failed} of ${steps.length} steps hold, ${((Date.now() - beganAt) / 1000).toFixed(0)} s, nothing left running`,
);
process.exitCode = failed === 0 ? 0 : 1;
