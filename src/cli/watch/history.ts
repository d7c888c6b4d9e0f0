/** The last restart as `status` shows it, gathered from the events alone. */
import type { UpkeepEvent } from '../../core/event.ts';
import type { WatchReport } from '../../core/status.ts';

export interface History {
  note(event: UpkeepEvent): void;
  /** The restart under way; null between restarts. */
  current(): string | null;
  last(): WatchReport['last'];
}

/** A phase that is skipped takes no time: a change of code alone is not validated. */
const begun = ({ restart: id, cause }: Extract<UpkeepEvent, { event: 'restart.begin' }>) => ({
  id,
  cause,
  phases: { settleMs: 0, validateMs: 0, downMs: 0, upMs: 0, readyMs: 0 } as Record<string, number>,
});

/** `before`: the last restart of an earlier watcher. */
export function createHistory(before: WatchReport['last']): History {
  let current: ReturnType<typeof begun> | null = null;
  let last = before;
  return {
    current: () => current?.id ?? null,
    last: () => last,
    note(event) {
      if (event.event === 'restart.begin') current = begun(event);
      // An abandoned restart may end after the next one began.
      if (event.event === 'restart.phase' && event.restart === current?.id)
        current.phases[`${event.name}Ms`] = event.ms;
      if (event.event === 'restart.end' && event.restart === current?.id) {
        last = { ...current, outcome: event.outcome };
        current = null;
      }
    },
  };
}
