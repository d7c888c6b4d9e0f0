/** Decides whether two looks saw the same server: pids are reused, a pid with its start time is not. */
import { isSameProcess } from '../core/process.ts';
import type { Instance } from './port.ts';

export const isSameServer = (one: Instance, other: Instance): boolean =>
  isSameProcess(one.server, other.server);
