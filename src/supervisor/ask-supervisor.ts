/** Asks the supervisor to end its services, and knows for each process whether that asking still counts. */
import type { ServiceState } from '../core/service.ts';
import type { Member } from '../processes/members.ts';
import type { Control, Definition } from './port.ts';

export interface Asked {
  /** Does a supervisor answer that can be asked at all? */
  readonly heard: Promise<boolean>;
  /** When it was asked, by performance.now(); null: the supervisor will do nothing for this process (any more). */
  readonly askedAt: (member: Member) => number | null;
  readonly cancel: () => void;
}

const answerSlackMs = 5_000;

/**
 * `PATCH stop` for all at once, then `POST /project/stop`: process-compose alone stops services that have a timeout
 * one after another, 6.1 s for four of 1.5 s (facts/measured.md §8). Where the project configures an order, only it asks.
 *
 * Until it has answered, everybody counts as asked. Then only what is in the group of a service that it says it stopped: it
 * signals groups, so a child in a session of its own never heard of the stop, and nothing of a server that died did.
 */
export function askSupervisor(control: Control, definition: Definition | null, budgetMs: number): Asked {
  const startedAt = performance.now();
  const lifetime = new AbortController();
  const options = { timeoutMs: budgetMs + answerSlackMs, signal: lifetime.signal };
  const stoppedGroups = new Set<number>();
  let isAsking = true;

  const bySignal = new Set(
    definition?.services.filter((one) => one.shutdown.command === null).map((one) => one.name),
  );
  const stopped = ({ name, pid }: ServiceState): void => {
    if (pid !== null && (definition === null || bySignal.has(name))) stoppedGroups.add(pid);
  };
  const states = control.states(lifetime.signal);
  const work = async (): Promise<void> => {
    const seen = await states;
    const running = seen.ok ? seen.value.filter(mayRun) : [];
    if (!definition?.orderedShutdown) {
      await Promise.all(
        running.map(async (state) => {
          const answer = await control.stopService(state.name, options);
          if (answer.ok) stopped(state);
        }),
      );
      await control.stopProject(options);
    } else if ((await control.stopProject(options)).ok) for (const state of running) stopped(state);
  };
  void work().finally(() => (isAsking = false));
  return {
    heard: states.then((seen) => seen.ok),
    askedAt: ({ row }) => (isAsking || stoppedGroups.has(row.group) ? startedAt : null),
    cancel: () => lifetime.abort(),
  };
}

const mayRun = (state: ServiceState): boolean =>
  state.isRunning || state.status === 'Restarting' || state.status === 'Pending';
