/** From the last write of a save to the first stop signal, with the watcher running, less the quiet period. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { cli, Ground } from './ground.ts';
import type { Row } from './row.ts';
import { median, row } from './row.ts';

const quietMs = 300;
const clock = 'performance.timeOrigin + performance.now()';
const now = (): number => performance.timeOrigin + performance.now();

const files = {
  'process-compose.yaml': `version: '0.5'\nprocesses:\n  web: { command: exec node web.mjs }\n`,
  // The time at which the signal arrives, in a file that git ignores.
  'web.mjs': [
    `import { writeFileSync } from 'node:fs';`,
    `process.on('SIGTERM', () => { writeFileSync('stamp', String(${clock})); process.exit(0); });`,
    `setInterval(() => {}, 1e6);`,
    `writeFileSync('stamp', 'up');`,
    '',
  ].join('\n'),
  'source.mjs': 'export const value = 0;\n',
};

export async function benchSave(saves = 15): Promise<Row[]> {
  const ground = await Ground.make({ files });
  const times: number[] = [];
  ground.upkeep('start', '--detach');
  const watcher = spawn(process.execPath, [cli, 'watch', '--json'], {
    cwd: ground.root,
    env: ground.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => watcher.once('exit', resolve));
  const events: string[] = [];
  createInterface({ input: watcher.stdout }).on('line', (line) => {
    events.push((JSON.parse(line) as { event: string }).event);
  });
  try {
    await until('watch.ready', () => events.includes('watch.ready'));
    for (let i = 1; i <= saves; i += 1) {
      await until('the service', () => stamp(ground) === 'up');
      writeFileSync(ground.path('source.mjs'), `export const value = ${i};\n`);
      const written = now();
      await until('a stop', () => Number(stamp(ground)) > written || restarts(events) >= i);
      const stopped = Number(stamp(ground));
      if (stopped > written) times.push(stopped - written - quietMs);
      await until('the end of the restart', () => restarts(events) >= i);
    }
  } finally {
    watcher.kill('SIGTERM');
    await ended;
    ground.end();
  }
  if (times.length < saves) throw new Error(`${saves - times.length} of ${saves} saves were not measured`);
  const figure = `save → first stop signal, beyond the quiet period of ${quietMs} ms`;
  return [row({ figure, value: median(times), atMost: 25 })];
}

const stamp = (ground: Ground): string =>
  readFileSync(ground.path('stamp'), { encoding: 'utf8', flag: 'a+' });
const restarts = (events: readonly string[]): number =>
  events.filter((name) => name === 'restart.end').length;

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = now() + 30_000; !holds(); await sleep(2))
    if (now() > end) throw new Error(`${what}: not in 30 s`);
}
