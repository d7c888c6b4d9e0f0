/** `status --json` of a running stack, without a daemon, against a bare node and against process-compose's own list. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cli, freePort, Ground } from './ground.ts';
import type { Row } from './row.ts';
import { median, row } from './row.ts';

export async function benchStatus(rounds = 25): Promise<Row[]> {
  // Its own: another build that runs meanwhile would replace the compiled code that this one keeps.
  const cache = mkdtempSync('/tmp/uk-bench-cache-');
  const ports = { SHOP_DB_PORT: String(await freePort()), SHOP_WEB_PORT: String(await freePort()) };
  const env = { ...ports, XDG_CACHE_HOME: cache };
  const ground = await Ground.make({ example: 'shop', env });
  try {
    ground.upkeep('start', '--detach');
    const report = JSON.parse(ground.upkeep('status', '--json')) as {
      freshness: { verdict: string };
      instance: { endpoint: string };
    };
    if (report.freshness.verdict !== 'fresh') throw new Error(`not fresh: ${JSON.stringify(report)}`);
    const socket = report.instance.endpoint.replace(/^unix:/, '');
    const commands = {
      status: [process.execPath, cli, 'status', '--json'],
      bare: [process.execPath, '-e', '0'],
      list: [ground.binary, '-u', socket, 'process', 'list'],
    };
    const times = interleaved(ground, commands, rounds);
    const name = 'status --json in examples/shop';
    return [
      row({ figure: `${name}, floor: node -e 0`, value: times.status, floor: times.bare, atMost: 2 }),
      row({ figure: `${name}, floor: process-compose process list`, value: times.status, floor: times.list }),
    ];
  } finally {
    ground.end();
    rmSync(cache, { recursive: true });
  }
}

/** Medians; the first round, which fills the caches, does not count. */
function interleaved<Name extends string>(
  ground: Ground,
  commands: Readonly<Record<Name, readonly string[]>>,
  rounds: number,
): Record<Name, number> {
  const names = Object.keys(commands) as Name[];
  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let i = 0; i <= rounds; i += 1) {
    for (const name of names) {
      const [program = '', ...args] = commands[name];
      const began = performance.now();
      const done = spawnSync(program, args, { cwd: ground.root, env: ground.env, stdio: 'ignore' });
      if (i > 0) times.get(name)?.push(performance.now() - began);
      if (done.status !== 0) throw new Error(`${commands[name].join(' ')} ended with ${done.status}`);
    }
  }
  const medians = names.map((name) => [name, median(times.get(name) ?? [])] as const);
  return Object.fromEntries(medians) as Record<Name, number>;
}
