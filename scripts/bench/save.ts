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

/** More in a minute, or one within 2 s of a start, the watcher takes for a loop and answers more slowly. */
const savesAWatcher = 4;
const apartMs = 2_100;

export async function benchSave(watchers = 4): Promise<Row[]> {
  const ground = await Ground.make({ files });
  const times: number[] = [];
  try {
    ground.upkeep('start', '--detach');
    for (let i = 0; i < watchers; i += 1) times.push(...(await saves(ground)));
  } finally {
    ground.end();
  }
  const figure = `save → first stop signal, beyond the quiet period of ${quietMs} ms`;
  return [row({ figure, value: median(times), atMost: 25 })];
}

async function saves(ground: Ground): Promise<number[]> {
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
  const times: number[] = [];
  try {
    await until('watch.ready', () => events.includes('watch.ready'));
    for (let i = 1; i <= savesAWatcher; i += 1) {
      await sleep(apartMs);
      await until('the service', () => stamp(ground) === 'up');
      writeFileSync(ground.path('source.mjs'), `export const value = ${Math.random()};\n`);
      const written = now();
      await until('a stop', () => Number(stamp(ground)) > written);
      times.push(Number(stamp(ground)) - written - quietMs);
      await until('the end of the restart', () => restarts(events) >= i);
    }
  } finally {
    watcher.kill('SIGTERM');
    await ended;
  }
  return times;
}

const stamp = (ground: Ground): string =>
  readFileSync(ground.path('stamp'), { encoding: 'utf8', flag: 'a+' });
const restarts = (events: readonly string[]): number =>
  events.filter((name) => name === 'restart.end').length;

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = now() + 30_000; !holds(); await sleep(2))
    if (now() > end) throw new Error(`${what}: not in 30 s`);
}
