/** `attach`: a snapshot, the logs so far, then what changes and what is logged. */
import { readFileSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Manager } from './manager.ts';
import { inOrder, listed } from './server.ts';

export function stream(manager: Manager, socket: Socket): void {
  const send = (event: object): void => void socket.write(`${JSON.stringify(event)}\n`);
  send({ event: 'snapshot', processes: inOrder(manager).map(listed) });
  const read = new Map<string, number>();
  const phases = new Map(manager.all.map((one) => [one, one.phase]));
  const logs = (): void => {
    for (const one of manager.all)
      for (const name of ['stdout', 'stderr'] as const)
        for (const line of newLines(one.logFile(name), read))
          send({ event: 'log', name: one.process.name, stream: name, line });
  };
  logs();
  const timer = setInterval(logs, 50);
  const forget = manager.onChange(() => {
    for (const one of manager.all) {
      if (phases.get(one) === one.phase) continue;
      phases.set(one, one.phase);
      send({ event: 'status', info: listed(one) });
    }
  });
  manager.shutdown.signal.addEventListener('abort', () => socket.end());
  socket.on('close', () => {
    clearInterval(timer);
    forget();
  });
}

function newLines(path: string, read: Map<string, number>): readonly string[] {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const from = Math.min(read.get(path) ?? 0, size); // a new start truncates it
  if (size === from) {
    read.set(path, from);
    return [];
  }
  const text = readFileSync(path).subarray(from).toString('utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  read.set(path, from + Buffer.byteLength(whole));
  return whole.split('\n').slice(0, -1);
}
