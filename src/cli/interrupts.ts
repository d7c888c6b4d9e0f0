/** Turns Ctrl-C, TERM and a closed terminal into two signals: the first asks to end, the second to hurry. */

export function interrupts(): { readonly signal: AbortSignal; readonly hasten: AbortSignal } {
  const first = new AbortController();
  const second = new AbortController();
  const interrupt = (): void => {
    if (first.signal.aborted) second.abort();
    first.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  return { signal: first.signal, hasten: second.signal };
}
