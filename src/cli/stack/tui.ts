/**
 * Runs the TUI as a child on this terminal, and brings it back while the stack is wanted up.
 * ```
 * attach ──exits──▶ the server lives, and stays ────────────────▶ quit (the user left)
 *    ▲                it goes, and is wanted up: wait for the next ──┐
 *    └───────────────────────────────────────────────────────────────┘
 *                     it goes, and is wanted down ──────────────▶ down
 * ```
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import { runOnTerminal } from '../../io/terminal-child.ts';
import { readExe } from '../../processes/evidence.ts';
import { endsSoon } from '../../processes/wait-gone.ts';
import type { Instance } from '../../supervisor/port.ts';
import { isSameServer } from '../../supervisor/instance.ts';
import type { Call } from '../call.ts';
import { isBusyElsewhere } from './busy.ts';
import { desiredNow } from './desired.ts';
import type { Stack } from './open-stack.ts';

const lookEveryMs = 200;
/** A server that is ending may still answer for a moment; one that answers for longer merely closed the connection. */
const leaveMs = 2_000;

/** `quit`: the user left the TUI. `down`: the stack was stopped. Interrupted by `call.signal`: `quit`. */
export async function followTui(call: Call, stack: Stack, first: Instance): Promise<Result<'quit' | 'down'>> {
  for (let instance: Instance | null = first; instance !== null;) {
    const binary = readExe(instance.server.pid);
    const program = binary
      ? ok(binary)
      : await stack.supervisor.binary({ runningBinary: null, onProgress: call.printer.note });
    if (!program.ok) return program;
    const argv = await stack.supervisor.attachCommand({
      endpoint: instance.endpoint,
      logFile: join(stack.project.stateDir, 'attach.log'),
      binary: program.value,
    });
    // `attach` would survive a new server on the same socket, but its log pane would show the old one for ever.
    using server = stack.supervisor.watchServer(instance.endpoint);
    const ended = await runOnTerminal(argv, {
      cwd: stack.project.root,
      env: call.env,
      signal: AbortSignal.any([call.signal, server.ended]),
    });
    if (!ended.ok) return ended;
    if (call.signal.aborted) return ok('quit');
    if (!server.ended.aborted && !(await isEnding(stack, instance))) return ok('quit');
    instance = await nextInstance(call, stack, instance);
  }
  return ok(call.signal.aborted ? 'quit' : 'down');
}

/** devenv's own view ends when its manager begins to stop: as long as the services take, the manager still lives then. */
const isEnding = async (stack: Stack, { server }: Instance): Promise<boolean> =>
  isBusyElsewhere(stack) || (await endsSoon(server));

/** The next instance that answers; null: the stack is wanted down, or the wait was interrupted. */
async function nextInstance(call: Call, stack: Stack, last: Instance): Promise<Instance | null> {
  const leavesUntil = Date.now() + leaveMs;
  for (let first = true; !call.signal.aborted && desiredNow(stack, false) === 'up'; first = false) {
    const found = await stack.supervisor.find();
    const sameServer = found.is === 'running' && isSameServer(found.instance, last);
    const stays = Date.now() > leavesUntil && !isBusyElsewhere(stack);
    if (found.is === 'running' && (!sameServer || stays)) return found.instance;
    if (first) call.printer.note('the stack went away; waiting for it to come back (Ctrl-C stops waiting)');
    await sleep(lookEveryMs, undefined, { signal: call.signal }).catch(() => undefined);
  }
  return null;
}
