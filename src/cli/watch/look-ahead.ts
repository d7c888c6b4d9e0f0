/** Begins the look at the tree that is due at the end of the quiet period in its last moments; a hint discards it. */
import type { Content } from '../../core/content.ts';
import type { Result } from '../../core/result.ts';
import { readContent } from '../../watch/content-id/read-content.ts';
import type { ContentScope } from '../../watch/content-id/scope.ts';

export interface Look {
  readonly content: Result<Content>;
  /** How long it took. */
  readonly ms: number;
}

export interface LookAhead {
  begin(scope: ContentScope): void;
  discard(): void;
  /** The look that was begun a moment ago at the same scope, else a new one. */
  look(scope: ContentScope, signal: AbortSignal): Promise<Look>;
}

/** A change after the look without an event is found by the look that follows the restart, as after any other look. */
const lastsMs = 150;

export function lookAhead(): LookAhead {
  let begun: { readonly scope: string; readonly atMs: number; readonly look: Promise<Look> } | null = null;
  return {
    begin(scope) {
      const look = timed(scope);
      look.catch(() => undefined); // it may not be needed
      begun = { scope: JSON.stringify(scope), atMs: performance.now(), look };
    },
    discard() {
      begun = null;
    },
    look(scope, signal) {
      const last = begun;
      begun = null;
      const serves =
        last !== null && performance.now() - last.atMs < lastsMs && last.scope === JSON.stringify(scope);
      return serves ? last.look : timed(scope, signal);
    },
  };
}

async function timed(scope: ContentScope, signal?: AbortSignal): Promise<Look> {
  const beganMs = performance.now();
  const content = await readContent(scope, signal);
  return { content, ms: performance.now() - beganMs };
}
