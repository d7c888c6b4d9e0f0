/** A value that changes while a starting service lives and logs: a cold compile is no hang. */
import type { ServiceState } from '../core/service.ts';
import type { Control } from './port.ts';

/** The last lines, not their number: process-compose keeps a ring and tells no total. */
export async function readLifeSign(control: Control, waiting: readonly ServiceState[]): Promise<string> {
  const parts = await Promise.all(
    waiting.map(async (state) => {
      const log = state.isRunning ? await control.logs(state.name, 50) : null;
      return [state.name, state.status, state.restarts, state.pid, ...(log?.ok ? log.value : [])].join('\n');
    }),
  );
  return parts.join('\n\n');
}
