/** "Still starting" for people: after 5 s, and then every 10 s. */

const firstMs = 5_000;
const everyMs = 10_000;

interface Waiting {
  readonly waitedMs: number;
  readonly waitingFor: readonly string[];
}

/** Passes on what is due; a wait that begins anew is told by its smaller time. */
export function sparingly(tell: (waiting: Waiting) => void): (waiting: Waiting) => void {
  let nextMs = firstMs;
  let lastMs = 0;
  return (waiting) => {
    if (waiting.waitedMs < lastMs) nextMs = firstMs;
    lastMs = waiting.waitedMs;
    if (waiting.waitedMs < nextMs) return;
    nextMs = waiting.waitedMs + everyMs;
    tell(waiting);
  };
}
