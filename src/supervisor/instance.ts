/** Decides which instance a look found, and whether two looks saw the same one. */
import { isSameProcess } from '../core/process.ts';
import type { Found, Instance } from './port.ts';

/** The instance of this project, whether it answers or not; null: there is none. */
export const instanceOf = (found: Found): Instance | null =>
  found.is === 'running' || found.is === 'unreachable' ? found.instance : null;

/** The same server process. Pids are reused; a pid with its start time is not. */
export const isSameServer = (one: Instance, other: Instance): boolean =>
  isSameProcess(one.server, other.server);
