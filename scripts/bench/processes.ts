/** What one look at the processes of a machine costs, at 300 of them: the table, all evidence, and who owns a port. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCwd, readExe, readMarks } from '../../src/processes/evidence.ts';
import { portHolders } from '../../src/processes/listeners.ts';
import { findMembers } from '../../src/processes/members.ts';
import { readTable } from '../../src/processes/table.ts';
import type { Row } from './row.ts';
import { median, row } from './row.ts';

const processes = 300;

export async function benchProcesses(rounds = 31): Promise<Row[]> {
  const children = await fill(processes - readTable().length);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const project = { key: '0123456789abcdef', root: '/nowhere', records: [], servers: [] };
  const canaries = [{ id: 'none', dev: 0, ino: 0 }];
  try {
    const at = `at ${readTable().length} processes`;
    return [
      row({ figure: `process table ${at}`, value: await cost(rounds, readTable), atMost: 15 }),
      row({
        figure: `table and all evidence ${at}`,
        value: await cost(rounds, () =>
          readTable().map(({ pid }) => [readMarks(pid, canaries), readCwd(pid), readExe(pid)]),
        ),
        atMost: 45,
      }),
      row({ figure: `port owners ${at}`, value: await cost(rounds, () => portHolders([port])), atMost: 40 }),
      row({ figure: `members of a stack ${at}`, value: await cost(rounds, () => findMembers(project)) }),
    ];
  } finally {
    server.close();
    await Promise.all(children.map(end));
  }
}

/** Each looks at the machine as it is then, a pause apart, so that no turn pays for the garbage of another. */
async function cost(rounds: number, look: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    await sleep(2);
    const began = performance.now();
    look();
    times.push(performance.now() - began);
  }
  return median(times);
}

/** Real ones; nothing when the machine has that many already. */
async function fill(count: number): Promise<readonly ChildProcess[]> {
  const children = Array.from({ length: Math.max(0, count) }, () =>
    spawn('sleep', ['600'], { stdio: 'ignore' }),
  );
  await Promise.all(children.map((child) => once(child, 'spawn')));
  return children;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
