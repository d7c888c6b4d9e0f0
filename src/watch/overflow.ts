/**
 * Guesses from the size of a burst that events were lost. When the kernel's queue is full, further events are lost, and libuv
 * silently drops the notice of it (wd -1). As many events in one turn of the loop as the queue holds mean that it was full.
 */
import { readFileSync } from 'node:fs';

export interface Burst extends Disposable {
  /** To be called for each event. */
  count(): void;
}

/** `onFull` runs once for each turn of the loop that was suspicious. */
export function countBursts(onFull: () => void, limit: number = queueLength()): Burst {
  const suspicious = Math.floor(limit * 0.9);
  let events = 0;
  let turn: NodeJS.Immediate | null = null;
  const end = (): void => {
    turn = null;
    const full = events >= suspicious;
    events = 0;
    if (full) onFull();
  };
  return {
    count() {
      events += 1;
      turn ??= setImmediate(end);
    },
    [Symbol.dispose]() {
      if (turn) clearImmediate(turn);
    },
  };
}

function queueLength(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) || 16_384;
  } catch {
    return 16_384;
  }
}
