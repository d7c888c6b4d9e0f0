/**
 * One process of the native manager.
 *
 *   waiting ─ its turn ─▶ starting ─ its probe ─▶ ready      without a probe: ready at once
 *                            ▲                      │ ends
 *                            └───── crashed ────────┼─▶ exited      at once, and without a probe it stays there
 *                  gave_up ◀── 6th in 10 s ─────────┘               stop ──▶ stopped
 *
 * `restart` of one that is watched ends the watch: its phase stays whatever becomes of it.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signal } from '../pid-file.ts';
import type { NativeProcess, Plan } from './plan.ts';
import { isProbed } from './plan.ts';
import { awaitReady } from './probe.ts';

export type Phase = 'not_started' | 'waiting' | 'starting' | 'ready' | 'exited' | 'gave_up' | 'stopped';

const burstMs = 10_000;
const stopGraceMs = 5_000;
const restartGraceMs = 2_000;

export class Supervised {
  readonly process: NativeProcess;
  readonly #plan: Plan;
  readonly #changed: () => void;
  phase: Phase;
  restarts = 0;
  #child: ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();
  /** The last one. */
  #probe: Promise<unknown> = Promise.resolve();
  #isWatched = false;
  #crashes: number[] = [];

  constructor(process: NativeProcess, plan: Plan, changed: () => void) {
    this.process = process;
    this.#plan = plan;
    this.#changed = changed;
    this.phase = process.enabled ? 'waiting' : 'not_started';
  }

  /** Nothing more comes of itself. */
  get settled(): boolean {
    return this.phase !== 'waiting' && this.phase !== 'starting';
  }

  /** The cold start is over for it: one without a probe is not waited for. */
  get brought(): boolean {
    return this.settled || (this.phase === 'starting' && !isProbed(this.process));
  }

  /** What its manager answers to. */
  get verbs(): readonly string[] {
    return this.#plan.verbs;
  }

  get runs(): boolean {
    return (
      this.phase === 'starting' ||
      this.phase === 'ready' ||
      this.phase === 'exited' ||
      this.phase === 'gave_up'
    );
  }

  logFile(stream: 'stdout' | 'stderr'): string {
    return join(this.#plan.directory, 'logs', `${this.process.name}.${stream}.log`);
  }

  /** Always with the command that the manager was started with. */
  start(): void {
    this.restarts = 0;
    this.#crashes = [];
    this.#isWatched = true;
    this.#cutLogs();
    this.#launch(isProbed(this.process) ? 'starting' : 'ready');
  }

  /** What it waits for will never be. */
  cancel(): void {
    this.#become('stopped');
  }

  /** TERM to its session's group, 5 s, KILL. It is listed as stopped from the beginning. */
  async stop(): Promise<void> {
    this.#isWatched = false;
    this.#become('stopped');
    await this.#end(stopGraceMs);
    // A manager that ends leaves no probe behind.
    await this.#probe;
  }

  async restart(): Promise<void> {
    if (this.phase === 'exited' || this.phase === 'gave_up') return this.start();
    this.#isWatched = false;
    this.#cutLogs();
    await this.#end(restartGraceMs);
    this.#launch(this.phase);
  }

  async #end(graceMs: number): Promise<void> {
    const { pid } = this.#child ?? {};
    if (pid === undefined) return;
    signal(-pid, 'SIGTERM');
    const late = setTimeout(() => signal(-pid, 'SIGKILL'), graceMs);
    await this.#ended;
    clearTimeout(late);
  }

  #cutLogs(): void {
    mkdirSync(join(this.#plan.directory, 'logs'), { recursive: true });
    for (const stream of ['stdout', 'stderr'] as const) writeFileSync(this.logFile(stream), '');
  }

  #launch(phase: Phase): void {
    const out = openSync(this.logFile('stdout'), 'a');
    const err = openSync(this.logFile('stderr'), 'a');
    const env = { ...process.env, ...this.#plan.env, ...this.process.env };
    // `detached` is a session of its own.
    const child = spawn(this.process.command, [], {
      cwd: this.#plan.root,
      env,
      stdio: ['ignore', out, err],
      detached: true,
    });
    closeSync(out);
    closeSync(err);
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const over = (code: number | null): void => {
        if (this.#child === child) this.#child = null;
        resolve();
        this.#afterEnd(code);
      };
      child.once('exit', over);
      child.once('error', () => over(127));
    });
    if (isProbed(this.process))
      void awaitReady(
        this.process,
        env,
        () => this.#child === child,
        (tried) => void (this.#probe = tried),
      ).then((isReady) => {
        if (isReady && this.#isWatched) this.#become('ready');
      });
    this.#become(phase);
  }

  #afterEnd(code: number | null): void {
    if (!this.#isWatched) return;
    const { restart, maxRestarts } = this.process;
    if (restart === 'never' || (restart === 'on_failure' && code === 0)) return this.#leave('exited');
    const now = Date.now();
    this.#crashes = this.#crashes.filter((at) => now - at < burstMs);
    if (this.#crashes.length >= maxRestarts) return this.#leave('gave_up');
    this.#crashes.push(now);
    this.restarts += 1;
    this.#launch('starting');
  }

  #leave(phase: Phase): void {
    this.#isWatched = false;
    this.#become(phase);
  }

  #become(phase: Phase): void {
    this.phase = phase;
    this.#changed();
  }
}
