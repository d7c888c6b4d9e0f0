/** Downtime of `upkeep restart`, last good answer → first good answer, against a clean stop plus a clean start. */
import { Answers } from './answers.ts';
import { freePort, Ground } from './ground.ts';
import { Raw } from './raw.ts';
import type { Row } from './row.ts';
import { median, row } from './row.ts';

/** Two services that boot as fast as node does: shows what upkeep adds in milliseconds. */
const bare = (port: number): Record<string, string> => ({
  'process-compose.yaml': `version: '0.5'\nprocesses:\n  worker: { command: exec node worker.mjs }\n  web: { command: exec node web.mjs }\n`,
  'worker.mjs': `setInterval(() => {}, 1e6);\n`,
  'web.mjs': `import { createServer } from 'node:http';\ncreateServer((_, response) => response.end('ok')).listen(${port}, '127.0.0.1');\n`,
});

export async function benchDowntime(pairs = 10): Promise<Row[]> {
  const web = await freePort();
  const env = { SHOP_DB_PORT: String(await freePort()), SHOP_WEB_PORT: String(web) };
  const shop = await Ground.make({ example: 'shop', env });
  const small = await freePort();
  return [
    await measure(shop, `http://127.0.0.1:${web}/health`, {
      name: 'restart, examples/shop (PostgreSQL, migration, web)',
      pairs,
      atMost: 1.1,
    }),
    await measure(await Ground.make({ files: bare(small) }), `http://127.0.0.1:${small}/`, {
      name: 'restart, two node services without probes',
      pairs,
    }),
  ];
}

async function measure(
  ground: Ground,
  url: string,
  how: { name: string; pairs: number; atMost?: number },
): Promise<Row> {
  const answers = new Answers(url);
  const raw = new Raw(ground);
  const [starts, stops, gaps]: [number[], number[], number[]] = [[], [], []];
  try {
    for (let i = 0; i < how.pairs; i += 1) {
      const began = performance.now();
      raw.start();
      await answers.until(true);
      starts.push(answers.firstGood - began);
      await raw.ready();
      stops.push(await raw.stop());
      await answers.until(false);
      await ground.upkeepMeanwhile('start', '--detach');
      await answers.until(true);
      await ground.upkeepMeanwhile('restart');
      gaps.push(answers.gapMs);
      await ground.upkeepMeanwhile('stop');
      await answers.until(false);
    }
  } finally {
    await answers.end();
    ground.end();
  }
  const floor = median(starts) + median(stops);
  return row({
    figure: how.name,
    value: median(gaps),
    floor,
    ...(how.atMost ? { atMost: how.atMost } : {}),
  });
}
