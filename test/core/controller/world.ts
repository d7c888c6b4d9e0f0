/** A made-up machine around the controller: a disk, a stack, a lane of jobs that take time, and the rules nobody may break. */
import type { ControllerEvent, StackSeen } from '../../../src/core/controller/event.ts';
import type { Effect } from '../../../src/core/controller/effect.ts';
import { initialState, type ControllerState } from '../../../src/core/controller/state.ts';
import { step } from '../../../src/core/controller/step.ts';
import type { Cause, UpkeepEvent } from '../../../src/core/event.ts';
import type { Failure } from '../../../src/core/failure.ts';

/** `c1~` means the same as `c1`; `bad` does not evaluate. */
export type ConfigText = 'c1' | 'c1~' | 'c2' | 'bad';
export interface Disk {
  readonly config: ConfigText;
  readonly code: string;
}

export interface World {
  disk: Disk;
  /** Jobs of this kind fail from now on. */
  failing: Set<'check' | 'stop' | 'spawn' | 'ready' | 'validate'>;
  jobMs: Record<JobKind, number>;
  /** A wait for readiness that never comes by itself. */
  hangs: boolean;
}

type JobKind = 'check' | 'validate' | 'stop' | 'spawn' | 'await-ready' | 'adopt';

interface Job {
  readonly kind: JobKind;
  readonly order: number;
  aborted: boolean;
  begun: boolean;
  read: Disk | null;
  failure: Failure | null;
}

interface Appointment {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  readonly wake: boolean;
}

const meaning = (text: ConfigText): string => (text === 'c1~' ? 'c1' : text);
export const sameDisk = (a: Disk | null, b: Disk | null): boolean =>
  a !== null && b !== null && a.config === b.config && a.code === b.code;
const broken: Failure = { reason: 'command-failed', argv: ['x'], exitCode: 1, stderr: '' };
const bad: Failure = { reason: 'stack-config-bad', problems: [{ file: 'f', message: 'm' }], untouched: true };

export function createWorld(
  settings = { quietMs: 300, capMs: 8_000, idPrefix: 'r' },
  codePaths = (code: string): readonly string[] => [`src/${code}`],
) {
  const world: World = {
    disk: { config: 'c1', code: 'a' },
    failing: new Set(),
    jobMs: { check: 100, validate: 700, stop: 400, spawn: 300, 'await-ready': 900, adopt: 10 },
    hangs: false,
  };
  let state: ControllerState = initialState(settings);
  let now = 1_000_000;
  let order = 0;
  let steps = 0;
  let lane: Job[] = [];
  let agenda: Appointment[] = [];
  let wakeSlot: Appointment | null = null;

  /** What is true outside, and what the actions remember. */
  let running: Disk | null = { config: 'c1', code: 'a' };
  let applied: Disk | null = running;
  let desired: 'up' | 'down' = 'up';
  let onTerminal = false;
  let gitSinceMs: number | null = null;
  let lastLook: Disk | null = null;
  let lookSinceStop = false;
  let validatedFor: Disk | null = null;
  let validating: Disk | null = null;
  let prepared: ConfigText = 'c1';
  let verifiedDown = false;
  let cause: Cause | null = null;
  let userAsked = false;
  const open = new Map<string, string[]>();
  const events: UpkeepEvent[] = [];
  const did: { kind: JobKind; atMs: number; cause: Cause | null }[] = [];

  const insist = (holds: boolean, rule: string): void => {
    if (!holds) throw new Error(`${rule} (at ${now}, ${state.life.is}, ${JSON.stringify(state.life)})`);
  };

  function at(atMs: number, run: () => void, wake = false): Appointment {
    const appointment = { atMs: Math.max(atMs, now), order: order++, run, wake };
    agenda.push(appointment);
    return appointment;
  }

  function send(event: ControllerEvent): void {
    steps += 1;
    if (event.type === 'restart-requested') userAsked = true;
    insist(steps < 20_000, 'the machine does not spin');
    const next = step(state, event, now);
    state = next.state;
    for (const effect of next.effects) perform(effect);
    insist(state.life.is !== 'idle' || state.memory.stack !== 'down-by-us', 'never silently down');
    const silent = state.life.is === 'idle' && state.memory.stack === 'crashed';
    insist(!silent || wakeSlot !== null, 'a crash is brought back or told');
    if (state.life.is === 'backoff') insist(wakeSlot !== null, 'a failure has its retry');
  }

  function perform(effect: Effect): void {
    switch (effect.do) {
      case 'report':
        return told(effect.event);
      case 'wake-at': {
        agenda = agenda.filter((a) => a !== wakeSlot);
        const { atMs } = effect;
        wakeSlot =
          atMs === null
            ? null
            : at(
                atMs,
                () => {
                  wakeSlot = null;
                  send({ type: 'wake', atMs });
                },
                true,
              );
        return;
      }
      case 'abandon': {
        for (const job of lane) {
          insist(!['stop', 'spawn'].includes(job.kind), 'stop and spawn are uninterruptible');
          if (job.kind !== 'adopt') job.aborted = true;
        }
        const first = lane[0];
        if (first?.begun && first.aborted) at(now + 20, () => finish(first));
        return;
      }
      default:
        return enqueue(effect.do);
    }
  }

  function enqueue(kind: JobKind): void {
    insist(
      lane.every((j) => j.aborted || j.kind === 'adopt'),
      `one at a time: ${kind} beside ${lane.map((j) => j.kind).join()}`,
    );
    insist(state.life.is !== 'paused' && state.life.is !== 'off', `${kind} while ${state.life.is}`);
    if (kind === 'validate') {
      validating = lastLook;
      validatedFor = null;
    }
    if (kind === 'adopt') {
      insist(lastLook !== null && lastLook.code === applied?.code, 'adopting never hides a code change');
      insist(
        running !== null && meaning(running.config) === meaning(prepared),
        'adopting never hides a configuration change',
      );
    }
    if (kind === 'stop') mayStop();
    if (kind === 'spawn')
      insist(
        verifiedDown && !lookSinceStop,
        'a start only after down is verified, for the content looked at before',
      );
    lane.push({ kind, order: order++, aborted: false, begun: false, read: null, failure: null });
    advance();
  }

  function mayStop(): void {
    const user = userAsked || cause?.trigger === 'user';
    userAsked = false;
    if (cause?.trigger === 'change' && !user)
      insist(lastLook !== null && !sameDisk(lastLook, applied), 'equal or unknown content never restarts');
    const touched = lastLook === null || lastLook.config !== applied?.config;
    if (touched)
      insist(
        validatedFor !== null && (lastLook === null || validatedFor.config === lastLook.config),
        'no stop without validation of a touched configuration',
      );
    if (user) [desired, onTerminal] = ['up', false];
    else {
      insist(desired === 'up' && !onTerminal, 'never a stack that is down by hand or on a terminal');
      if (gitSinceMs !== null) insist(now - gitSinceMs >= 3_000, 'git is waited for');
    }
    lookSinceStop = false;
  }

  function advance(): void {
    const job = lane[0];
    if (!job || job.begun) return;
    if (job.aborted) {
      lane.shift();
      return advance();
    }
    job.begun = true;
    did.push({ kind: job.kind, atMs: now, cause });
    job.read = world.disk;
    if (job.kind === 'stop') verifiedDown = false;
    if (job.kind === 'check') lookSinceStop = true;
    if (job.kind === 'spawn') insist(running === null, 'one stack or none');
    const name = job.kind === 'await-ready' ? 'ready' : job.kind;
    if (name !== 'adopt' && world.failing.has(name)) job.failure = broken;
    if (job.kind === 'await-ready' && world.hangs) return;
    at(now + world.jobMs[job.kind], () => finish(job));
  }

  function finish(job: Job): void {
    if (lane[0] !== job) return;
    lane.shift();
    const answer = job.aborted ? null : outcome(job);
    if (answer) send(answer);
    advance();
  }

  function outcome(job: Job): ControllerEvent | null {
    const failed = job.failure;
    switch (job.kind) {
      case 'check': {
        lastLook = failed ? null : job.read;
        if (!lastLook) return { type: 'checked', result: 'unknown' };
        const { config, code } = lastLook;
        const configChanged = config !== applied?.config;
        const codeChanged = code !== applied?.code;
        const paths = [...(configChanged ? ['conf'] : []), ...(codeChanged ? codePaths(code) : [])];
        return {
          type: 'checked',
          result: { id: `${config}/${code}`, configId: config, configChanged, codeChanged, paths },
        };
      }
      case 'validate': {
        if (failed) return { type: 'validated', ok: false, failure: failed };
        const text = job.read?.config ?? 'bad';
        if (text === 'bad') return { type: 'validated', ok: false, failure: bad };
        validatedFor = validating ?? job.read;
        prepared = text;
        return {
          type: 'validated',
          ok: true,
          fingerprintSame: running !== null && meaning(text) === meaning(running.config),
        };
      }
      case 'adopt':
        applied = lastLook;
        return null;
      case 'stop':
        if (failed) return { type: 'stopped', ok: false, failure: failed };
        running = null;
        verifiedDown = true;
        return { type: 'stopped', ok: true };
      case 'spawn': {
        if (failed) return { type: 'spawned', ok: false, failure: failed };
        insist(running === null, 'one stack or none');
        // The action compares the files with what was validated, and starts the kept good ones if they are bad now.
        const config = world.disk.config === 'bad' ? prepared : world.disk.config;
        running = { config, code: world.disk.code };
        applied = { config, code: lastLook?.code ?? '?' };
        desired = 'up';
        onTerminal = false;
        verifiedDown = false;
        return { type: 'spawned', ok: true };
      }
      case 'await-ready':
        return failed ? { type: 'ready', ok: false, failure: failed } : { type: 'ready', ok: true };
    }
  }

  function told(event: UpkeepEvent): void {
    events.push(event);
    if (event.event === 'restart.begin') {
      insist(!open.has(event.restart), 'restart ids are unique');
      open.set(event.restart, []);
      cause = event.cause;
    }
    if (event.event === 'restart.phase')
      insist(open.has(event.restart), `phase ${event.name} of a restart that is not open`);
    if (event.event === 'restart.end') insist(open.delete(event.restart), 'a restart ends once');
    insist(open.size <= 2, 'at most one restart, and one whose readiness is still owed');
  }

  const api = {
    world,
    send,
    at,
    events,
    did,
    now: () => now,
    state: () => state,
    running: () => running,
    applied: () => applied,
    desired: () => desired,
    openRestarts: () => [...open.keys()],
    stops: () => did.filter((d) => d.kind === 'stop').length,
    hint(delayMs = 5, paths = ['src/x'], mtime: number | null = now): void {
      at(now + delayMs, () => {
        send({ type: 'hint', paths, count: paths.length, newestMtimeMs: mtime });
      });
    },
    write(disk: Partial<Disk>, delayMs = 5): void {
      world.disk = { ...world.disk, ...disk };
      api.hint(delayMs, ['config' in disk ? 'conf' : 'src/x']);
    },
    git(busy: boolean, lock = true): void {
      gitSinceMs = busy ? (gitSinceMs ?? now) : null;
      send(busy ? { type: 'git', busy, because: 'index.lock', lock } : { type: 'git', busy });
    },
    /** The stack dies while no job of ours is at it. */
    crash(): void {
      if (busyWithStack() || running === null || desired === 'down') return;
      running = null;
      onTerminal = false;
      seen({ is: 'crashed', failure: broken });
    },
    stopByHand(): void {
      if (busyWithStack()) return;
      running = null;
      desired = 'down';
      seen({ is: 'down-by-hand' });
    },
    startByHand(terminal = false): void {
      if (busyWithStack() || running !== null) return;
      if (world.disk.config === 'bad') return;
      running = world.disk;
      applied = world.disk;
      desired = 'up';
      onTerminal = terminal;
      seen({ is: terminal ? 'on-terminal' : 'up' });
    },
    /** kill -9 of the watcher at this point; the next one looks around and goes on. */
    reboot(): void {
      lane = [];
      agenda = agenda.filter((a) => a !== wakeSlot);
      wakeSlot = null;
      open.clear();
      [validatedFor, lastLook, cause] = [null, null, null];
      state = initialState(settings);
      seen(
        running
          ? { is: onTerminal ? 'on-terminal' : 'up' }
          : desired === 'up'
            ? { is: 'crashed', failure: broken }
            : { is: 'down-by-hand' },
      );
      send({ type: 'look', asked: false });
      if (gitSinceMs !== null) send({ type: 'git', busy: true, because: 'index.lock', lock: true });
    },
    /** Run to `untilMs`, or, without it, until nothing is planned any more. */
    run(untilMs = Number.POSITIVE_INFINITY): void {
      for (;;) {
        const next = agenda.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
        if (!next || next.atMs > untilMs) break;
        agenda = agenda.filter((a) => a !== next);
        now = next.atMs;
        next.run();
      }
      if (Number.isFinite(untilMs)) now = Math.max(now, untilMs);
    },
  };

  function busyWithStack(): boolean {
    const { life } = state;
    return (
      lane.some((j) => j.kind === 'stop' || j.kind === 'spawn') ||
      life.is === 'stopping' ||
      (life.is === 'starting' && life.waitsFor === 'spawn')
    );
  }

  function seen(stack: StackSeen): void {
    send({ type: 'stack', ...stack });
  }

  seen({ is: 'up' });
  api.run(now + 1_000);
  return api;
}

export type Sim = ReturnType<typeof createWorld>;
