/** The last restart as `status` tells it, gathered from the events (no other memory). */
import type { UpkeepEvent } from '../../core/event.ts';
import type { WatchReport } from '../../core/status.ts';

export interface History {
  note(event: UpkeepEvent): void;
  /** The restart under way; null between restarts. */
  current(): string | null;
  last(): WatchReport['last'];
}

export function createHistory(): History {
  let current: { id: string; cause: unknown; phases: Record<string, number> } | null = null;
  let last: WatchReport['last'] = null;
  return {
    current: () => current?.id ?? null,
    last: () => last,
    note(event) {
      if (event.event === 'restart.begin') current = { id: event.restart, cause: event.cause, phases: {} };
      // A restart that was abandoned ends after the next one began.
      if (event.event === 'restart.phase' && event.restart === current?.id)
        current.phases[`${event.name}Ms`] = event.ms;
      if (event.event === 'restart.end' && event.restart === current?.id) {
        last = { ...current, outcome: event.outcome };
        current = null;
      }
    },
  };
}
