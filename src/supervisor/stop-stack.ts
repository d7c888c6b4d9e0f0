/** Takes a whole stack down: ask the supervisor, wait for the member set, end what is proved ours and remains, verify. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import type { ServiceState } from '../core/service.ts';
import type { PortHolder } from '../core/trouble.ts';
import type { SentSignal } from '../processes/ladder.ts';
import { endMembers, waitGone } from '../processes/ladder.ts';
import { portHolders } from '../processes/listeners.ts';
import type { Member } from '../processes/members.ts';
import type { Control, Definition, Instance } from './port.ts';
import { removeStaleSocket } from './stale-socket.ts';

export interface StopStack {
  /** null: no supervisor answers; then only the members are ended. */
  readonly control: Control | null;
  readonly instance: Instance | null;
  /** Shutdown settings and order; null when the configuration cannot be read: `graceMs` holds for each. */
  readonly definition: Definition | null;
  /** Everything that is proved ours at this moment, read anew at each call. */
  readonly findMembers: () => readonly Member[];
  readonly ports: readonly number[];
  readonly graceMs: number;
  /** A second Ctrl-C: no more waiting for TERM. */
  readonly hasten?: AbortSignal;
}

export interface StopReport {
  /** Signals that upkeep itself had to send. */
  readonly signals: readonly SentSignal[];
  /** Declared ports that somebody foreign holds after the stop. */
  readonly held: readonly PortHolder[];
  readonly ms: number;
}

/** A server that ends by itself is gone 2–3 ms after its answer, a loaded machine aside; one on a terminal never is. */
const headlessExitMs = 250;
const serverKillGraceMs = 2_000;
/** What asked services get once more, with TERM from us, before KILL. */
const secondGraceMs = 2_000;
/** A service that keeps the server's pipe open makes it hang without an answer (facts/measured.md §3). */
const answerSlackMs = 500;

/**
 * Idempotent. On success no member is alive, the socket is gone and no port of the stack is held by it. `survivors`:
 * something outlived SIGKILL, or holds a port.
 */
export async function stopStack(ask: StopStack): Promise<Result<StopReport>> {
  const startedAt = Date.now();
  const graceMs = shutdownBudgetMs(ask);
  const services = (): readonly Member[] => ask.findMembers().filter((member) => !member.isServer);
  const asked = askSupervisor(ask, graceMs);
  let left: readonly Member[];
  if (await asked.heard) {
    // The member set, not the supervisor, tells whether the services are down (facts/processes.md §3).
    const gone = waitGone(services, graceMs, ask.hasten);
    await Promise.race([asked.answered, gone.then(answerSlack)]);
    const slow = await gone;
    // One that ends by itself is not signalled; one on a terminal stays for ever with --keep-project: TERM it at once.
    const endsByItself = slow.length === 0 && !ask.instance?.onTerminal;
    left = endsByItself ? await waitGone(ask.findMembers, headlessExitMs, ask.hasten) : ask.findMembers();
  } else left = ask.findMembers();
  const spentMs = Date.now() - startedAt;
  const ended = await endMembers({
    // Each look at the processes is downtime: an empty one is not repeated, for nobody is left who could fork.
    find: left.length === 0 ? () => [] : ask.findMembers,
    // Whoever was asked already had its time; nobody was, when no supervisor could ask.
    graceMs: Math.max(graceMs - spentMs, secondGraceMs),
    killGraceMs: serverKillGraceMs,
    serversLast: true,
    ...(ask.hasten ? { hasten: ask.hasten } : {}),
  });
  asked.cancel();
  const held = ask.ports.length === 0 ? [] : portHolders(ask.ports);
  if (ended.survivors.length > 0)
    return fail({ reason: 'survivors', survivors: ended.survivors, ports: held });
  if (ask.instance) await removeStaleSocket(ask.instance.endpoint);
  return ok({ signals: ended.signals, held, ms: Date.now() - startedAt });
}

/** The longest service, not the sum: they are stopped at once. */
function shutdownBudgetMs(ask: StopStack): number {
  const each = ask.definition?.services.map((service) => service.shutdown.timeoutMs ?? ask.graceMs) ?? [
    ask.graceMs,
  ];
  const longest = Math.max(...each, 0);
  const ordered = ask.definition?.orderedShutdown ?? false;
  const sum = each.reduce((total, one) => total + one, 0);
  return (ordered ? Math.max(longest, sum) : longest) || ask.graceMs;
}

interface Asked {
  /** Resolves at once: does a supervisor answer that can be asked at all? */
  readonly heard: Promise<boolean>;
  /** Resolves when the supervisor says that everything ended, or cannot say it. */
  readonly answered: Promise<void>;
  readonly cancel: () => void;
}

/**
 * `PATCH stop` for all at once, then `POST /project/stop`: process-compose alone stops services that have a timeout
 * one after another, 6.1 s for four of 1.5 s (facts/measured.md §8). Where the project configures an order, only it asks.
 */
function askSupervisor(ask: StopStack, budgetMs: number): Asked {
  const { control } = ask;
  const lifetime = new AbortController();
  const cancel = (): void => lifetime.abort();
  if (!control) return { heard: Promise.resolve(false), answered: Promise.resolve(), cancel };
  const options = { timeoutMs: budgetMs + 5_000, signal: lifetime.signal };
  const states = control.states(lifetime.signal);
  const work = async (): Promise<void> => {
    const seen = await states;
    if (seen.ok && !ask.definition?.orderedShutdown) {
      await Promise.all(seen.value.filter(mayRun).map((state) => control.stopService(state.name, options)));
    }
    await control.stopProject(options);
  };
  return { heard: states.then((seen) => seen.ok), answered: work(), cancel };
}

const mayRun = (state: ServiceState): boolean =>
  state.isRunning || state.status === 'Restarting' || state.status === 'Pending';

/** Gone, and the supervisor had its moment to say so: an answer that never comes must not be waited for. */
const answerSlack = (): Promise<void> => sleep(answerSlackMs, undefined, { ref: false });
