/** `ports.NAME.allocate`: the declared port, or the next one if a stranger holds it; the stack's own processes do not count. */
import { createServer } from 'node:net';
import type { Allocated, Config } from './evaluate.ts';
import { ask } from './native/client.ts';
import type { Session } from './session.ts';

/** Only what differs from what is declared. */
export async function allocatePorts(session: Session, config: Config): Promise<Allocated> {
  const wanted = Object.entries(config.processes).flatMap(([name, { ports = {} }]) =>
    Object.entries(ports).flatMap(([port, { allocate }]) =>
      allocate === null ? [] : [{ name, port, allocate }],
    ),
  );
  if (wanted.length === 0) return {};
  const kept = await runningPorts(session);
  const moved: Record<string, Record<string, number>> = {};
  const taken = new Set<number>();
  for (const { name, port, allocate } of wanted) {
    const number = kept.get(`${name}.${port}`) ?? (await nextFree(allocate, taken));
    taken.add(number);
    if (number !== allocate) (moved[name] ??= {})[port] = number;
  }
  return moved;
}

async function runningPorts({ project }: Session): Promise<ReadonlyMap<string, number>> {
  const answer = await ask(project.native, { command: 'ports' }).catch(() => null);
  const ports = (answer?.['ports'] ?? []) as { process_name: string; port_name: string; port: number }[];
  return new Map(ports.map((one) => [`${one.process_name}.${one.port_name}`, one.port]));
}

async function nextFree(from: number, taken: ReadonlySet<number>): Promise<number> {
  for (let port = from; port < 65_536; port += 1) if (!taken.has(port) && (await isFree(port))) return port;
  throw new Error(`no free port from ${from} on`);
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
