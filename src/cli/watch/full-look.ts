/** Looks without being asked by an event, every minute or less often where a look is expensive, and tests that events still arrive. */
import type { Report } from '../../core/event.ts';
import type { HintSource } from '../../watch/hints.ts';

const everyMs = 60_000;
/** Looks may take a thousandth of the time. */
const costFactor = 1_000;

export interface FullLookSetting {
  readonly hints: () => HintSource;
  /** Ask the loop for a look. */
  readonly look: () => void;
  /** How long the last look took. */
  readonly lastCostMs: () => number;
  readonly report: Report;
}

/** No watcher reports lost events (an inotify queue that overflowed); a cookie file whose event does not arrive shows it. */
export function lookRegularly(setting: FullLookSetting): Disposable {
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  const next = (): void => {
    if (closed) return;
    timer = setTimeout(() => void turn(), Math.max(everyMs, costFactor * setting.lastCostMs()));
  };
  const turn = async (): Promise<void> => {
    if (!(await setting.hints().verify())) {
      setting.report({
        event: 'degraded',
        because: 'file events were lost; the trees are being watched again from scratch',
      });
    }
    if (!closed) setting.look();
    next();
  };
  next();
  return {
    [Symbol.dispose]() {
      closed = true;
      if (timer) clearTimeout(timer);
    },
  };
}
