/** process-compose without upkeep: the floor. A clean start is a spawn, a clean stop is what its API offers at best. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { http } from '../../src/io/http.ts';
import type { Ground } from './ground.ts';

interface Process {
  readonly name: string;
  readonly pid: number;
  readonly is_running: boolean;
  readonly is_ready: string;
  readonly has_ready_probe: boolean;
}

export class Raw {
  readonly #ground: Ground;
  readonly #socket: string;
  #server = 0;

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#socket = ground.path('.git/pc.sock');
  }

  /** Returns at once. */
  start(): void {
    const files = ['-f', this.#ground.path('process-compose.yaml'), '-L', this.#ground.path('.git/pc.log')];
    const args = [...files, '-u', this.#socket, '-t=false', '--keep-project', 'up'];
    const { root: cwd, env, binary } = this.#ground;
    const child = spawn(binary, args, { cwd, env, detached: true, stdio: 'ignore' });
    child.unref();
    this.#server = child.pid ?? 0;
  }

  /** Every service at once, then the server, until every pid is gone: ms. */
  async stop(): Promise<number> {
    const before = await this.#processes();
    const running = before.filter((one) => one.is_running);
    const began = performance.now();
    await Promise.all(running.map(({ name }) => this.#ask('PATCH', `/process/stop/${name}`)));
    await this.#ask('POST', '/project/stop').catch(() => undefined); // it may be gone before it has answered
    for (const pid of [...running.map((one) => one.pid), this.#server]) await gone(pid);
    return performance.now() - began;
  }

  async ready(): Promise<void> {
    for (let i = 0; i < 3_000; i += 1, await sleep(10)) {
      const all = await this.#processes().catch(() => []);
      if (all.length > 0 && all.every((one) => !one.has_ready_probe || one.is_ready === 'Ready')) return;
    }
    throw new Error('not ready in 30 s');
  }

  async #processes(): Promise<Process[]> {
    return (JSON.parse(await this.#ask('GET', '/processes')) as { data: Process[] }).data;
  }

  async #ask(method: 'GET' | 'PATCH' | 'POST', path: string): Promise<string> {
    const endpoint = { kind: 'unix', path: this.#socket } as const;
    const answer = await http({ endpoint, method, path, timeoutMs: 20_000 });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.failure.reason}`);
    return answer.value.body;
  }
}

async function gone(pid: number): Promise<void> {
  for (let i = 0; i < 20_000; i += 1, await sleep(1)) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      if (/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))) return;
    } catch {
      return;
    }
  }
  throw new Error(`pid ${pid} did not end`);
}
