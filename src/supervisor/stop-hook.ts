/**
 * A server whose wrapper does something of the project's own once it is gone (`process.manager.after` of devenv), and only when
 * the wrapper is signalled: a server that is asked to end takes the wrapper along, which then does nothing.
 */
import type { Result } from '../core/result.ts';
import { ok } from '../core/result.ts';
import type { ProcessId } from '../core/process.ts';
import { isSameProcess } from '../core/process.ts';
import type { SentSignal } from '../processes/ladder.ts';
import type { Member } from '../processes/members.ts';
import { signalProcess } from '../processes/signal.ts';
import { readRow } from '../processes/table.ts';
import type { Control } from './port.ts';

/** What devenv's own `down` waits for its wrapper. */
export const stopHookMs = 30_000;

export interface StopHook {
  readonly wrapper: ProcessId;
  readonly findMembers: () => readonly Member[];
  readonly onSignal?: (sent: SentSignal) => void;
}

/** The same conversation, but for its end: the wrapper gets TERM, and passes it on. One that is no member is not told. */
export function endingByWrapper(control: Control, { wrapper, findMembers, onSignal }: StopHook): Control {
  return {
    ...control,
    async stopProject(options): Promise<Result<void>> {
      const member = findMembers().find(({ row }) => isSameProcess(row, wrapper));
      if (!member) return control.stopProject(options);
      const { pid, startTime, command } = member.row;
      const signal = 'SIGTERM';
      const outcome = signalProcess(wrapper, signal);
      const { service, evidence } = member;
      onSignal?.({ pid, startTime, command, service, evidence, signal, outcome });
      return outcome === 'sent' ? ok(undefined) : control.stopProject(options);
    },
  };
}

/** What the wrapper runs beside the server is left to it, and not ended with the services. */
export function withItsOwn(
  members: readonly Member[],
  wrapper: ProcessId,
  server: ProcessId,
): readonly Member[] {
  return members.map((member) =>
    isOfHook(member, wrapper, server) ? { ...member, isServer: true } : member,
  );
}

function isOfHook({ row, isServer }: Member, wrapper: ProcessId, server: ProcessId): boolean {
  if (isServer) return false;
  for (
    let at: ReturnType<typeof readRow> = row;
    at && at.pid > 1 && at.pid !== server.pid;
    at = readRow(at.parent)
  )
    if (at.parent === wrapper.pid) return at.pid !== server.pid;
  return false;
}
