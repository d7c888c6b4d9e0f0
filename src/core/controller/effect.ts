/** The work that the controller orders, as data. Effects are run in order, one at a time. */
import type { UpkeepEvent } from '../event.ts';

export type Effect =
  /** Interruptible; answered by `checked`. */
  | { readonly do: 'check' }
  /** Interruptible; answered by `validated`. */
  | { readonly do: 'validate' }
  /** Down, verified. Answered by `stopped`, always. */
  | { readonly do: 'stop' }
  /** Answered by `spawned`, always. */
  | { readonly do: 'spawn' }
  /** Interruptible; answered by `ready`. */
  | { readonly do: 'await-ready' }
  /** Abort the check, validation or wait under way: its answer is no longer wanted. */
  | { readonly do: 'abandon' }
  /** The content of the last check counts as applied, without a restart. Not answered. */
  | { readonly do: 'adopt' }
  /** Send `wake` at this time. There is one deadline: a newer one replaces it, null clears it. */
  | { readonly do: 'wake-at'; readonly atMs: number | null }
  | { readonly do: 'report'; readonly event: UpkeepEvent };

export const report = (event: UpkeepEvent): Effect => ({ do: 'report', event });
