/** Keeps the last look at the processes of an instance, for a stop that follows at once. */
import type { MemberSearch } from '../../processes/members.ts';
import type { Found, Instance } from '../../supervisor/port.ts';
import { isSameServer } from '../../supervisor/instance.ts';
import type { Stack } from '../stack/open-stack.ts';

export interface RecentLook {
  isFresh(): boolean;
  /** Synchronous, 5–10 ms. */
  take(stack: Stack, instance: Instance | null): void;
  /** null: of another server, or too old. What was forked since is found by the stop itself, which looks again and again. */
  of(found: Found): MemberSearch | null;
}

/** Long enough for a stop that need not wait; waiting for the lock or validating takes longer. */
const lastsMs = 100;

export function recentLook(): RecentLook {
  let last: { readonly at: number; readonly instance: Instance; readonly search: MemberSearch } | null = null;
  return {
    isFresh: () => last !== null && performance.now() - last.at < lastsMs,
    take(stack, instance) {
      last = instance && { at: performance.now(), instance, search: stack.search(instance.server) };
    },
    of(found) {
      if (last === null || found.is !== 'running' || performance.now() - last.at > lastsMs) return null;
      return isSameServer(found.instance, last.instance) ? last.search : null;
    },
  };
}
