/** Asks the supervisor to end its services, and knows for each process whether that request still counts. */
import type { ProcessId } from '../core/process.ts';
import type { ServiceState } from '../core/service.ts';
import type { Member } from '../processes/members.ts';
import { isAlive, readRow } from '../processes/table.ts';
import type { Control, Definition } from './port.ts';

export interface Asked {
  /** The supervisor answers, so it can be asked. */
  readonly heard: Promise<boolean>;
  /** When it was asked to end this process, by performance.now(); null: the supervisor will not do it, or not any more. */
  readonly askedAt: (member: Member) => number | null;
  readonly cancel: () => void;
}

const answerSlackMs = 5_000;

/**
 * `PATCH stop` for all at once, then `POST /project/stop`: process-compose alone stops services that have a timeout
 * one after another, 6.1 s for four of 1.5 s. Where the project configures an order, only the second request is made.
 *
 * It only signals the group of each service. So a child in a session of its own counts as asked as long as its service lives,
 * which may end it; afterwards nobody will. If the server dies, only what it had already answered counts.
 */
export function askSupervisor(control: Control, definition: Definition | null, budgetMs: number): Asked {
  const startedAt = performance.now();
  const lifetime = new AbortController();
  const options = { timeoutMs: budgetMs + answerSlackMs, signal: lifetime.signal };
  const leaders = new Map<string, ProcessId>();
  const stoppedGroups = new Set<number>();
  const ordered = definition?.orderedShutdown ?? false;
  let isAsking = true;

  const stopped = ({ name, pid }: ServiceState): void => {
    const settings = definition?.services.find((one) => one.name === name)?.shutdown;
    // With a shutdown command instead of a signal, it is not known which processes it asked.
    if (pid !== null && (settings?.command ?? null) === null) stoppedGroups.add(pid);
  };
  const states = control.states(lifetime.signal);
  const work = async (): Promise<void> => {
    const listed = await states;
    const all = listed.ok ? listed.value : [];
    for (const { name, pid } of all) leaders.set(name, (pid !== null && readRow(pid)) || nobody);
    const running = all.filter(mayRun);
    if (ordered) {
      if ((await control.stopProject(options)).ok) for (const state of running) stopped(state);
      return;
    }
    await Promise.all(
      running.map(async (state) => {
        const answer = await control.stopService(state.name, options);
        if (answer.ok) stopped(state);
      }),
    );
    await control.stopProject(options);
  };
  void work().finally(() => (isAsking = false));

  const isAsked = ({ row, service }: Member): boolean => {
    if (stoppedGroups.has(row.group)) return true;
    if (!isAsking || ordered) return isAsking;
    const leader = service === null ? undefined : leaders.get(service);
    return leader === undefined || leader.pid === row.group || isAlive(leader);
  };
  return {
    heard: states.then((listed) => listed.ok),
    askedAt: (member) => (isAsked(member) ? startedAt : null),
    cancel: () => lifetime.abort(),
  };
}

/** For a service that never ran, or whose process was reaped: matches no process. */
const nobody: ProcessId = { pid: 0, startTime: '0' };

const mayRun = (state: ServiceState): boolean =>
  state.isRunning || state.status === 'Restarting' || state.status === 'Pending';
