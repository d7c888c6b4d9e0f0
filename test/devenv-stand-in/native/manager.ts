/** The native manager: starts what the plan says in its order, answers on the socket, writes its pid once all is settled. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerOn } from './server.ts';
import type { NativeProcess, Plan } from './plan.ts';
import { Supervised } from './supervised.ts';

export class Manager {
  readonly plan: Plan;
  readonly mode: 'daemon' | 'foreground';
  readonly all: readonly Supervised[];
  /** Aborts when it begins to end. */
  readonly shutdown = new AbortController();
  readonly #watchers = new Set<() => void>();
  #closing: Promise<void> | null = null;

  constructor(plan: Plan, mode: 'daemon' | 'foreground') {
    this.plan = plan;
    this.mode = mode;
    this.all = plan.processes.map((process) => new Supervised(process, plan, () => this.#changed()));
  }

  get pidFile(): string {
    return join(this.plan.directory, 'native-manager.pid');
  }

  get socket(): string {
    return join(this.plan.directory, 'native.sock');
  }

  named(name: string): Supervised | undefined {
    return this.all.find(({ process }) => process.name === name);
  }

  /** Serves until it is told to end; the process then exits. */
  async run(): Promise<void> {
    mkdirSync(this.plan.directory, { recursive: true, mode: 0o700 });
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.on(name, () => void this.#close().then(() => process.exit(0)));
    // Whoever comes later takes the socket, whatever serves there.
    rmSync(this.socket, { force: true });
    await answerOn(this, this.socket);
    this.#startDue();
    await this.until(() => this.all.every(({ brought }) => brought));
    if (this.#closing) return;
    // Whole for whoever looks for it meanwhile.
    writeFileSync(`${this.pidFile}.new`, String(process.pid));
    renameSync(`${this.pidFile}.new`, this.pidFile);
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  onChange(look: () => void): () => void {
    this.#watchers.add(look);
    return () => void this.#watchers.delete(look);
  }

  #changed(): void {
    this.#startDue();
    for (const look of this.#watchers) look();
  }

  #startDue(): void {
    if (this.#closing) return;
    for (const one of this.all) {
      if (one.phase !== 'waiting') continue;
      const answers = one.process.after.map((waits) => this.#answer(waits));
      if (answers.includes('never')) one.cancel();
      else if (answers.every((answer) => answer === 'yes')) one.start();
    }
  }

  #answer({ name, on }: NativeProcess['after'][number]): 'yes' | 'not yet' | 'never' {
    const phase = this.named(name)?.phase ?? 'ready';
    const isOver = phase === 'exited' || phase === 'gave_up';
    if (on === 'completed')
      return isOver || phase === 'stopped' || phase === 'not_started' ? 'yes' : 'not yet';
    if (on === 'started' && phase === 'exited') return 'yes';
    if (isOver) return 'never';
    return phase === 'ready' || (on === 'started' && phase === 'starting') ? 'yes' : 'not yet';
  }

  /** The views first, then the children; then what lies in the directory under its name. */
  #close(): Promise<void> {
    return (this.#closing ??= this.#end());
  }

  async #end(): Promise<void> {
    this.shutdown.abort();
    await Promise.all(this.all.map((one) => one.stop()));
    rmSync(this.socket, { force: true });
    if (existsSync(this.pidFile) && readFileSync(this.pidFile, 'utf8') === String(process.pid))
      rmSync(this.pidFile);
  }
}
