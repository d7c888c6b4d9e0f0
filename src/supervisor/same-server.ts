/** Whether two looks saw the same server: pids come round again, start times do not. */
import type { Instance } from './port.ts';

export const isSameServer = ({ server: a }: Instance, { server: b }: Instance): boolean =>
  a.pid === b.pid && a.startTime === b.startTime;
