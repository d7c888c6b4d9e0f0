/** Tells which processes had to be killed: a service that does not end by itself is worth a look. */
import type { SentSignal } from '../../processes/ladder.ts';
import type { Call } from '../call.ts';

/** One note for each process: KILL is sent in rounds. */
export function noteKills({ printer }: Call, signals: readonly SentSignal[]): void {
  const killed = signals.filter(({ signal, outcome }) => signal === 'SIGKILL' && outcome === 'sent');
  for (const [pid, command] of new Map(killed.map((sent) => [sent.pid, sent.command])))
    printer.note(`pid ${pid} (${command}) did not end by itself and was killed`);
}
