/** The control socket: one JSON line in, one out; `attach` streams. */
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import type { Manager } from './manager.ts';
import { stream } from './stream.ts';
import type { Supervised } from './supervised.ts';

interface Request {
  readonly command?: string;
  readonly name?: string;
  readonly names?: readonly string[];
  readonly lines?: number;
}

type Answer = Readonly<Record<string, unknown>>;

export function answerOn(manager: Manager, path: string): Promise<void> {
  const server = createServer((socket) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('error', () => undefined); // it hung up
    socket.on('data', (more: string) => {
      const whole = text.includes('\n');
      text += more;
      if (!whole && text.includes('\n')) void serve(manager, socket, text.split('\n')[0] ?? '');
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

async function serve(manager: Manager, socket: Socket, line: string): Promise<void> {
  let request: Request;
  try {
    request = JSON.parse(line);
  } catch (error) {
    socket.end(`${JSON.stringify(failure(`invalid request: ${String(error)}`))}\n`);
    return;
  }
  if (request.command === 'attach' && manager.plan.verbs.includes('attach')) return stream(manager, socket);
  const reply = await answer(manager, request);
  socket.end(`${JSON.stringify(reply)}\n`);
}

const failure = (message: string): Answer => ({ status: 'error', message });

export const listed = (one: Supervised): Answer => ({
  name: one.process.name,
  phase: one.phase,
  restart_count: one.restarts,
  // 2.1 left them out.
  ...(one.verbs.includes('mode')
    ? { ports: Object.entries(one.process.ports).map(([name, port]) => `${name}:${port}`) }
    : {}),
});

async function answer(manager: Manager, request: Request): Promise<Answer> {
  const { command = '' } = request;
  if (!manager.plan.verbs.includes(command))
    return failure(
      `invalid request: unknown variant \`${command}\`, expected one of ${manager.plan.verbs.map((verb) => `\`${verb}\``).join(', ')} at line 1 column ${command.length + 13}`,
    );
  switch (command) {
    case 'list':
      return { status: 'process_list', processes: inOrder(manager).map(listed) };
    case 'ports':
      return { status: 'port_allocations', ports: manager.all.flatMap(portsOf) };
    case 'mode':
      return { status: 'mode', mode: manager.mode };
    case 'wait':
      await manager.until(() => manager.all.every(({ settled }) => settled));
      return { status: 'ready' };
    case 'start':
      return start(manager, request);
    default:
      return named(manager, request);
  }
}

export const inOrder = ({ all }: Manager): readonly Supervised[] =>
  all.toSorted((a, b) => (a.process.name < b.process.name ? -1 : 1));

const portsOf = ({ process }: Supervised): Answer[] =>
  Object.entries(process.ports).map(([port_name, port]) => ({ process_name: process.name, port_name, port }));

function start(manager: Manager, { name, names }: Request): Answer {
  // 2.1 knew one name and answered ok.
  const many = manager.plan.verbs.includes('mode');
  if (many ? !names : name === undefined)
    return failure(`invalid request: missing field \`${many ? 'names' : 'name'}\``);
  const outcome = { scheduled: [] as string[], skipped: [] as string[], unknown: [] as string[], failed: [] };
  for (const wanted of names ?? [name ?? '']) {
    const one = manager.named(wanted);
    if (!one) outcome.unknown.push(wanted);
    else if (one.runs || one.phase === 'waiting') outcome.skipped.push(wanted);
    else {
      outcome.scheduled.push(wanted);
      one.start();
    }
  }
  if (many) return { status: 'start', outcome };
  if (outcome.unknown.length > 0) return failure(`process '${name}' not found`);
  return outcome.skipped.length > 0
    ? failure(`process '${name}' is already running; use restart instead`)
    : { status: 'ok' };
}

async function named(manager: Manager, { command, name, lines = 100 }: Request): Promise<Answer> {
  if (name === undefined) return failure('invalid request: missing field `name`');
  const one = manager.named(name);
  if (!one)
    return failure(
      command === 'stop'
        ? `failed to stop process '${name}': Process ${name} not found`
        : `process '${name}' not found`,
    );
  if (command === 'status') return { status: 'process_detail', info: listed(one) };
  if (command === 'logs')
    return {
      status: 'process_logs',
      stdout: tail(one.logFile('stdout'), lines),
      stderr: tail(one.logFile('stderr'), lines),
    };
  return command === 'stop' ? stop(one) : restart(one);
}

/** Answered when it is over. */
async function stop(one: Supervised): Promise<Answer> {
  const { name } = one.process;
  const idle = {
    not_started: 'auto start off',
    stopped: 'already stopped',
    waiting: 'waiting for dependencies',
  };
  const why = idle[one.phase as keyof typeof idle];
  if (why !== undefined)
    return failure(`failed to stop process '${name}': Process ${name} is ${why}, cannot stop`);
  await one.stop();
  return { status: 'ok' };
}

async function restart(one: Supervised): Promise<Answer> {
  const { name } = one.process;
  if (one.phase === 'waiting')
    return failure(`failed to restart process '${name}': Process ${name} is waiting for dependencies`);
  if (one.phase === 'stopped' || one.phase === 'not_started') one.start();
  else await one.restart();
  return { status: 'ok' };
}

function tail(path: string, lines: number): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}
