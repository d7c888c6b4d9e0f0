/** Turns Ctrl-C, TERM, a closed terminal and a reader that left into two signals: the first asks to end, the second to hurry. */

export interface Interrupts {
  readonly signal: AbortSignal;
  readonly hasten: AbortSignal;
  /** Nobody reads the answers any more: the first of the two, however often it is noticed. */
  readonly readerGone: () => void;
}

export function interrupts(): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  const interrupt = (): void => {
    if (first.signal.aborted) second.abort();
    first.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  return { signal: first.signal, hasten: second.signal, readerGone: () => first.abort() };
}
