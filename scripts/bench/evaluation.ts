/** What an evaluation adds to the downtime of `upkeep restart`, with the stand-in for devenv: nothing, whatever it takes. */
import { realpathSync, rmSync } from 'node:fs';
import { StandInHome } from '../../test/devenv-stand-in/home.ts';
import type { ReleaseName } from '../../test/devenv-stand-in/releases.ts';
import { Answers } from './answers.ts';
import { freePort, Ground, processCompose } from './ground.ts';
import type { Row } from './row.ts';
import { median, row } from './row.ts';

const evalMs = 2_000;

const files = (port: number): Record<string, string> => ({
  '.gitignore': '.devenv*\ndevenv.lock\n',
  'devenv.nix': `{ pkgs, ... }:\n{\n  packages = [ pkgs.nodejs ];\n  processes.worker.exec = "exec node worker.mjs";\n  processes.web.exec = "exec node web.mjs";\n}\n`,
  'worker.mjs': `setInterval(() => {}, 1e6);\n`,
  'web.mjs': `import { createServer } from 'node:http';\ncreateServer((_, response) => response.end('ok')).listen(${port}, '127.0.0.1');\n`,
});

export const benchEvaluation = async (pairs = 10): Promise<Row[]> => [
  await benchManager('process-compose', '1.11', pairs),
  await benchManager('native manager', '2.2', pairs),
];

/** In turns, so that whatever else the machine does meets both. */
async function benchManager(manager: string, release: ReleaseName, pairs: number): Promise<Row> {
  const standIn = new StandInHome({ release, processCompose: await processCompose() });
  const port = await freePort();
  const ground = await Ground.make({ files: files(port), programs: [standIn.bin] });
  const answers = new Answers(`http://127.0.0.1:${port}/`);
  const gaps: Record<number, number[]> = { 0: [], [evalMs]: [] };
  try {
    await ground.upkeepMeanwhile('start', '--detach');
    await answers.until(true);
    for (let i = 0; i < pairs; i += 1) {
      // Which of the two comes first changes, too: a cache that is warm serves both as often.
      for (const delay of i % 2 === 0 ? [0, evalMs] : [evalMs, 0]) {
        standIn.configure({ evalMs: delay });
        ground.write('devenv.nix', `# ${delay} ms, ${i}\n${files(port)['devenv.nix']}`);
        const evaluated = standIn.evaluations.length;
        await ground.upkeepMeanwhile('restart');
        if (standIn.evaluations.length === evaluated) throw new Error('nothing was evaluated');
        await answers.until(true);
        gaps[delay]?.push(answers.gapMs);
      }
    }
  } finally {
    await answers.end();
    const runtime = realpathSync(ground.path('.devenv/run'));
    ground.end();
    standIn.remove();
    rmSync(runtime, { recursive: true, force: true });
  }
  return row({
    figure: `${manager}: restart after an evaluation of ${evalMs / 1000} s, floor: of 0 s`,
    value: median(gaps[evalMs] ?? []),
    floor: median(gaps[0] ?? []),
    atMost: 1.05,
  });
}
