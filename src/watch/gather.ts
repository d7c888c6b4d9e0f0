/** Gathers the changes of one turn of the event loop into one hint: a checkout of 5,000 files makes a few hints, not 5,000. */

export interface Hint {
  /** Relative to the root with `/`; absolute for what lies outside. Empty: look everywhere. */
  readonly paths: readonly string[];
  /** Epoch ms; for a removed file, when that was noticed. */
  readonly newestMtimeMs: number;
}

export interface Gather extends Disposable {
  add(path: string | null, changedMs: number): void;
}

export function gather(onHint: (hint: Hint) => void): Gather {
  let paths = new Set<string>();
  let newestMtimeMs = -Infinity;
  let turn: NodeJS.Immediate | null = null;
  let disposed = false;
  const flush = (): void => {
    turn = null;
    const hint: Hint = { paths: [...paths], newestMtimeMs };
    paths = new Set();
    newestMtimeMs = -Infinity;
    onHint(hint);
  };
  return {
    add(path, changedMs) {
      if (path !== null) paths.add(path);
      newestMtimeMs = Math.max(newestMtimeMs, changedMs);
      if (!disposed) turn ??= setImmediate(flush);
    },
    [Symbol.dispose]() {
      disposed = true;
      if (turn) clearImmediate(turn);
    },
  };
}
