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
      if (event.event === 'restart.phase' && current) current.phases[`${event.name}Ms`] = event.ms;
      if (event.event === 'restart.end' && current) {
        last = { ...current, outcome: event.outcome };
        current = null;
      }
    },
  };
}
