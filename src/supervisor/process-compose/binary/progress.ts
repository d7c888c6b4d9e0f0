/** Reports at intervals that something long is still going on. */

/** Reports `first` at once, then `later(seconds since)` every `everyMs` until disposed. Does not keep the process alive. */
export function reportEvery(
  everyMs: number,
  report: (line: string) => void,
  lines: { readonly first: string; readonly later: (seconds: number) => string },
): Disposable {
  const startedAt = performance.now();
  report(lines.first);
  const timer = setInterval(
    () => report(lines.later(Math.round((performance.now() - startedAt) / 1000))),
    everyMs,
  );
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
