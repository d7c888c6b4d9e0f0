/** The last look at the processes of an instance: it serves a stop that follows within moments, and no later one. */
import type { MemberSearch } from '../../processes/members.ts';
import type { Found, Instance } from '../../supervisor/port.ts';
import { isSameServer } from '../../supervisor/instance.ts';
import type { Stack } from '../stack/open-stack.ts';

export interface RecentLook {
  isFresh(): boolean;
  /** Synchronous, 5–10 ms. */
  take(stack: Stack, instance: Instance | null): void;
  /** null: of another server, or too long ago. What was forked since is seen by the stop itself, which looks again and again. */
  of(found: Found): MemberSearch | null;
}

/** A lock that somebody else held first, or a validation, takes longer. */
const lastsMs = 100;

export function recentLook(): RecentLook {
  let last: { readonly at: number; readonly instance: Instance; readonly seen: MemberSearch } | null = null;
  return {
    isFresh: () => last !== null && performance.now() - last.at < lastsMs,
    take(stack, instance) {
      last = instance && { at: performance.now(), instance, seen: stack.search(instance.server) };
    },
    of(found) {
      if (last === null || found.is !== 'running' || performance.now() - last.at > lastsMs) return null;
      return isSameServer(found.instance, last.instance) ? last.seen : null;
    },
  };
}
