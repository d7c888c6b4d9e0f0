/** The look that no event asked for: every minute, or rarer where a look is dear, and a test that events still come. */
import type { Report } from '../../core/event.ts';
import type { HintSource } from '../../watch/hints.ts';

const everyMs = 60_000;
/** A look may take a thousandth of the time. */
const costFactor = 1_000;

export interface FullLookSetting {
  readonly hints: () => HintSource;
  /** Ask the loop for a look. */
  readonly look: () => void;
  /** What the last look cost. */
  readonly lastCostMs: () => number;
  readonly report: Report;
}

/** No watcher reports a lost event (an inotify queue that ran over): a cookie file that does not come through does. */
export function lookRegularly(setting: FullLookSetting): Disposable {
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  const next = (): void => {
    if (closed) return;
    timer = setTimeout(() => void turn(), Math.max(everyMs, costFactor * setting.lastCostMs()));
  };
  const turn = async (): Promise<void> => {
    if (!(await setting.hints().verify())) {
      setting.report({ event: 'degraded', because: 'file events were lost; the trees are watched anew' });
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
