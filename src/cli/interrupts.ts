/** Ctrl-C, TERM and a closed terminal as two signals: the first asks to end, the second to hurry. */

export function interrupts(): { readonly signal: AbortSignal; readonly hasten: AbortSignal } {
  const first = new AbortController();
  const second = new AbortController();
  const strike = (): void => {
    if (first.signal.aborted) second.abort();
    first.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, strike);
  return { signal: first.signal, hasten: second.signal };
}
