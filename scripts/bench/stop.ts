/** Four services that each take 1.5 s to stop: the longest of them, not their sum. */
import { Ground } from './ground.ts';
import type { Row } from './row.ts';
import { median, row } from './row.ts';

const names = ['a', 'b', 'c', 'd'];
const files = {
  'process-compose.yaml': [
    "version: '0.5'",
    'processes:',
    ...names.map((name) => `  ${name}: { command: exec node slow.mjs, shutdown: { timeout_seconds: 5 } }`),
    '',
  ].join('\n'),
  'slow.mjs': [
    `process.on('SIGTERM', () => setTimeout(() => process.exit(0), 1500));`,
    `setInterval(() => {}, 1e6);`,
    `console.log('up');`,
    '',
  ].join('\n'),
};

export async function benchStop(runs = 5): Promise<Row[]> {
  const ground = await Ground.make({ files });
  const times: number[] = [];
  try {
    for (let i = 0; i < runs; i += 1) {
      ground.upkeep('start', '--detach');
      await said(ground);
      const began = performance.now();
      await ground.upkeepMeanwhile('stop');
      times.push(performance.now() - began);
    }
  } finally {
    ground.end();
  }
  return [
    row({
      figure: 'stop, four services of 1.5 s each, the whole command',
      value: median(times) / 1000,
      unit: 's',
      atMost: 1.7,
    }),
  ];
}

/** Without its handler node would die of TERM at once, and the figure would be too good. */
async function said(ground: Ground): Promise<void> {
  for (let i = 0; i < 200; i += 1) {
    const logs = ground.upkeep('logs');
    if (logs.split('\n').filter((line) => /\bup$/.test(line)).length >= names.length) return;
  }
  throw new Error('the services did not come up');
}
