/** Services in every shape that a process can take: each with the processes by which it is found again. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessRow } from '../../src/core/process.ts';
import { isDead } from '../../src/core/process.ts';
import { readTable } from '../../src/processes/table.ts';
import { freePort } from './free-port.ts';
import { program } from './programs.ts';
import type { Declared, TestProject } from './project.ts';
import { eventually } from './until.ts';

export interface Shape {
  readonly service: Declared;
  /** What process-compose takes for ended, because the rest became a daemon: a task. */
  readonly isTask?: boolean;
  /** Its processes now, by an argument that nobody else has. */
  readonly processes: () => readonly ProcessRow[];
}

let serial = 0;
/** An argument of sleep that nobody else has, nor with a digit behind it. */
export const uniqueSeconds = (): string => `8${process.pid}.${String((serial += 1)).padStart(4, '0')}`;

const withCommand = (matches: (command: string) => boolean) => (): readonly ProcessRow[] =>
  readTable().filter((row) => !isDead(row) && matches(row.command));

const sleeping = (command: (seconds: string) => string): Shape => {
  const seconds = uniqueSeconds();
  return {
    service: { command: command(seconds) },
    processes: withCommand((line) => line === `sleep ${seconds}` || line === `kept ${seconds}`),
  };
};

/** Those that need no server program. The daemons keep the log of their service: that is what ties them to the stack. */
export const plainShapes = (): Readonly<Record<string, Shape>> => ({
  plain: sleeping((n) => `exec sleep ${n}`),
  shell: sleeping((n) => `sleep ${n}; true`),
  node: sleeping((n) => `exec node -e "require('child_process').spawn('sleep',['${n}'],{stdio:'inherit'})"`),
  setsid: sleeping((n) => `setsid --wait sleep ${n}`),
  // The leader stays: process-compose would take a service that ended for done.
  double: sleeping((n) => `(setsid sleep ${n} &); exec sleep ${n}0`),
  scrubbed: sleeping((n) => `exec env -i sleep ${n}`),
  renamed: sleeping((n) => `exec ${program('perl')} -e '$0="kept ${n}"; sleep 9999'`),
});

/** The real programs that overwrite their environment, with a port each. */
export async function realShapes(project: TestProject): Promise<Readonly<Record<string, Shape>>> {
  const [redis, front, behind] = [await freePort(), await freePort(), await freePort()];
  const data = join(project.home, 'data');
  mkdirSync(data);
  const nginx = (port: number, daemon: 'on' | 'off'): string => {
    const path = `${data}/nginx-${port}`;
    project.write(
      `nginx-${port}.conf`,
      `daemon ${daemon}; pid ${path}.pid; error_log ${path}.log; worker_processes 1;\n` +
        `events {} http { access_log off; client_body_temp_path ${path}; server { listen 127.0.0.1:${port}; return 200 "ok"; } }\n`,
    );
    return `exec ${program('nginx')} -e ${path}.log -c ${project.root}/nginx-${port}.conf`;
  };
  return {
    redis: {
      service: {
        command: `exec ${program('redis-server')} --port ${redis} --bind 127.0.0.1 --save '' --dir ${data}`,
        ports: [redis],
      },
      processes: withCommand((line) => /redis-server /.test(line) && line.includes(`:${redis}`)),
    },
    nginx: {
      service: { command: nginx(front, 'off'), ports: [front] },
      processes: withCommand((line) => line.startsWith('nginx: ') && line.includes(`nginx-${front}.conf`)),
    },
    daemon: {
      service: { command: nginx(behind, 'on'), ports: [behind] },
      isTask: true,
      processes: withCommand((line) => line.startsWith('nginx: ') && line.includes(`nginx-${behind}.conf`)),
    },
  };
}

/** Declares them all, starts, and waits until each is there. */
export async function startShapes(
  project: TestProject,
  shapes: Readonly<Record<string, Shape>>,
  upkeep: object = {},
): Promise<void> {
  const entries = Object.entries(shapes);
  project.declare(Object.fromEntries(entries.map(([name, { service }]) => [name, service])));
  const services = entries.map(([name, { service, isTask }]) => [
    name,
    { ...(service.ports ? { ports: service.ports } : {}), ...(isTask ? { role: 'task' } : {}) },
  ]);
  project.write('upkeep.yaml', JSON.stringify({ services: Object.fromEntries(services), ...upkeep }));
  const start = await project.run(['start', '-d']);
  if (start.code !== 0) throw new Error(`start: ${start.all}`);
  for (const [name, shape] of entries)
    await eventually(`a process of ${name}`, () => shape.processes().length > 0);
}
