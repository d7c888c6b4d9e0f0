/** Takes a whole stack down: asks the supervisor, waits for the members, ends what remains and is proved ours, verifies. */
import { constants } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProcessId } from '../core/process.ts';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import type { PortHolder } from '../core/trouble.ts';
import { atStep } from '../io/step.ts';
import type { SentSignal } from '../processes/ladder.ts';
import { endMembers } from '../processes/ladder.ts';
import { portHolders } from '../processes/listeners.ts';
import type { Member } from '../processes/members.ts';
import { askSupervisor } from './ask-supervisor.ts';
import type { Control, Definition, Instance } from './port.ts';
import { removeStaleSocket } from './stale-socket.ts';
import { endingByWrapper, stopHookMs, withItsOwn } from './stop-hook.ts';

export interface StopStack {
  /** null: no supervisor answers; then only the members are ended. */
  readonly control: Control | null;
  readonly instance: Instance | null;
  /** Shutdown settings and order; null when the configuration cannot be read: `graceMs` holds for each. */
  readonly definition: Definition | null;
  /** Everything that is proved ours at this moment, read afresh at each call. */
  readonly findMembers: () => readonly Member[];
  readonly ports: readonly number[];
  readonly graceMs: number;
  /** A second Ctrl-C: KILL without waiting. */
  readonly hasten?: AbortSignal;
  /** It has something of its own to do once the server is gone: see stop-hook.ts. */
  readonly hook?: ProcessId | null;
  readonly onSignal?: (sent: SentSignal) => void;
}

export interface StopReport {
  /** Signals that upkeep itself had to send. */
  readonly signals: readonly SentSignal[];
  /** Declared ports that others hold after the stop. */
  readonly held: readonly PortHolder[];
  readonly ms: number;
}

/** A server that ends by itself is gone 2–3 ms after its answer, later on a loaded machine; one on a terminal stays. */
const headlessExitMs = 500;
const serverKillGraceMs = 2_000;

/**
 * Idempotent. On success no member is alive, the socket is gone and no port of the stack is held by it. `survivors`:
 * something outlived SIGKILL, or is out of our reach.
 */
export async function stopStack(ask: StopStack): Promise<Result<StopReport>> {
  const startedAt = Date.now();
  const budgetMs = budgetsOf(ask);
  const { findMembers, control } = hooked(ask);
  const supervisor = control ? askSupervisor(control, ask.definition, Math.max(...budgetMs.all)) : null;
  const heard = supervisor !== null && (await supervisor.heard);
  // The requests leave in the next two turns (connect, write); a look at every process first would delay them.
  await nextTurn();
  await nextTurn();
  await atStep('stop-asked');
  const ended = await endMembers({
    find: findMembers,
    graceMs: ask.graceMs,
    budgetMs: budgetMs.of,
    signalFor: signalsOf(ask.definition),
    ...(heard ? { askedAt: supervisor.askedAt } : {}),
    // On a terminal, with --keep-project, it would stay for ever: TERM at once.
    serverLeaveMs: heard ? leaveMs(ask) : 0,
    killGraceMs: serverKillGraceMs,
    serversLast: true,
    onServicesGone: () => atStep('services-gone'),
    ...(ask.onSignal ? { onSignal: ask.onSignal } : {}),
    ...(ask.hasten ? { hasten: ask.hasten } : {}),
  });
  supervisor?.cancel();
  await atStep('server-gone');
  const held = ask.ports.length === 0 ? [] : portHolders(ask.ports);
  if (ended.survivors.length > 0)
    return fail({ reason: 'survivors', survivors: ended.survivors, ports: held });
  if (ask.instance) await removeStaleSocket(ask.instance.endpoint);
  await atStep('socket-removed');
  return ok({ signals: ended.signals, held, ms: Date.now() - startedAt });
}

function leaveMs({ hook, instance, control }: StopStack): number {
  if (hook) return stopHookMs;
  return instance?.onTerminal || control?.stays ? 0 : headlessExitMs;
}

function hooked(ask: StopStack): Pick<StopStack, 'findMembers' | 'control'> {
  const { hook, control, instance, findMembers, onSignal } = ask;
  if (!hook || !control || !instance) return { findMembers, control };
  const find = (): readonly Member[] => withItsOwn(findMembers(), hook, instance.server);
  const told = { wrapper: hook, findMembers: find, ...(onSignal ? { onSignal } : {}) };
  return { findMembers: find, control: endingByWrapper(control, told) };
}

/** Each service's own; with an order each may have to wait for all the others. */
function budgetsOf({ definition, graceMs }: StopStack): {
  readonly all: readonly number[];
  readonly of: (member: Member) => number;
} {
  const services = definition?.services ?? [];
  const each = new Map(services.map((one) => [one.name, one.shutdown.timeoutMs ?? graceMs]));
  const sum = [...each.values()].reduce((total, one) => total + one, 0);
  const all = definition?.orderedShutdown ? [Math.max(sum, graceMs)] : [...each.values(), graceMs];
  const longest = Math.max(...all);
  // A process of an unknown service may belong to the slowest one.
  const of = ({ service }: Member): number =>
    definition?.orderedShutdown || service === null ? longest : (each.get(service) ?? graceMs);
  return { all, of };
}

/** The stop signal of each service, for those that no supervisor asks. */
function signalsOf(definition: Definition | null): (member: Member) => NodeJS.Signals {
  const numbers = new Map(definition?.services.map((one) => [one.name, one.shutdown.signal]));
  const names = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));
  return ({ service }) => {
    const name = service === null ? undefined : names.get(numbers.get(service) ?? constants.signals.SIGTERM);
    return name === undefined || name === 'SIGKILL' ? 'SIGTERM' : (name as NodeJS.Signals);
  };
}
