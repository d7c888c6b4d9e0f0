/**
 * One process of the native manager.
 *
 *   not_started: until somebody asks for it
 *   waiting ─ its turn ─▶ starting ─ probe, or none ─▶ ready
 *                            ▲                            │ ends
 *                            └── restarting ◀── failed ───┤
 *                 gave_up ◀── too often ──┘               └──▶ exited        stop ──▶ stopped
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { signal } from '../pid-file.ts';
import type { NativeProcess, Plan } from './plan.ts';
import { probeOnce } from './probe.ts';

export type Phase =
  'not_started' | 'waiting' | 'starting' | 'ready' | 'restarting' | 'exited' | 'gave_up' | 'stopped';

const settledPhases: ReadonlySet<Phase> = new Set(['not_started', 'ready', 'exited', 'gave_up', 'stopped']);

export class Supervised {
  readonly process: NativeProcess;
  readonly #plan: Plan;
  readonly #changed: () => void;
  phase: Phase;
  restarts = 0;
  /** Of the last end; null: none, or a signal. */
  code: number | null = null;
  #child: ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();
  #wanted = false;

  constructor(process: NativeProcess, plan: Plan, changed: () => void) {
    this.process = process;
    this.#plan = plan;
    this.#changed = changed;
    this.phase = process.enabled ? 'waiting' : 'not_started';
  }

  get settled(): boolean {
    return settledPhases.has(this.phase);
  }

  get runs(): boolean {
    return this.#wanted;
  }

  logFile(stream: 'stdout' | 'stderr'): string {
    return join(this.#plan.directory, 'logs', `${this.process.name}.${stream}.log`);
  }

  /** Always with the command that the manager was started with. */
  start(): void {
    this.#wanted = true;
    this.#launch();
  }

  /** TERM to its session's group, 5 s, KILL. */
  async stop(): Promise<void> {
    this.#wanted = false;
    const { pid } = this.#child ?? {};
    if (this.#child && pid !== undefined) {
      signal(-pid, 'SIGTERM');
      const late = setTimeout(() => signal(-pid, 'SIGKILL'), 5_000);
      await this.#ended;
      clearTimeout(late);
    }
    this.#become('stopped');
  }

  async restart(): Promise<void> {
    await this.stop();
    this.start();
  }

  #launch(): void {
    mkdirSync(join(this.#plan.directory, 'logs'), { recursive: true });
    const out = openSync(this.logFile('stdout'), 'w');
    const err = openSync(this.logFile('stderr'), 'w');
    // `detached` is a session of its own.
    const child = spawn(this.process.command, [], {
      cwd: this.#plan.root,
      env: { ...process.env, ...this.#plan.env, ...this.process.env },
      stdio: ['ignore', out, err],
      detached: true,
    });
    closeSync(out);
    closeSync(err);
    this.#child = child;
    this.#become('starting');
    this.#ended = new Promise((resolve) => {
      const over = (code: number | null): void => {
        if (this.#child === child) this.#child = null;
        this.code = code;
        resolve();
        this.#afterEnd(code);
      };
      child.once('exit', over);
      child.once('error', () => over(127));
    });
    void this.#awaitReady(child);
  }

  async #awaitReady(child: ChildProcess): Promise<void> {
    const { ready } = this.process;
    const env = { ...process.env, ...this.#plan.env };
    const pause = (seconds: number): Promise<void> =>
      new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    // Without a probe it is ready as soon as it has not failed at once.
    await pause(ready ? ready.initial_delay : 0.25);
    const isReady = async (): Promise<boolean> => ready === null || (await probeOnce(ready, env));
    while (this.#child === child && !(await isReady())) await pause(ready?.period ?? 0);
    if (this.#child === child && this.#wanted) this.#become('ready');
  }

  #afterEnd(code: number | null): void {
    if (!this.#wanted) return;
    const again = this.process.restart === 'always' || (this.process.restart === 'on_failure' && code !== 0);
    if (!again) {
      this.#wanted = false;
      return this.#become('exited');
    }
    if (this.restarts >= this.process.maxRestarts) {
      this.#wanted = false;
      return this.#become('gave_up');
    }
    this.restarts += 1;
    this.#become('restarting');
    setTimeout(() => {
      if (this.#wanted && this.phase === 'restarting') this.#launch();
    }, this.#plan.restartMs);
  }

  #become(phase: Phase): void {
    this.phase = phase;
    this.#changed();
  }
}
