/** Which signals a terminal sends: to every program in its foreground at once, so one of ours may be gone before we hear of it. */

/** Ctrl-C, Ctrl-\, the window closed. */
export const isByTerminal = (signal: string | null | undefined): boolean =>
  signal === 'SIGINT' || signal === 'SIGQUIT' || signal === 'SIGHUP';
