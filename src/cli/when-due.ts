/** Decides when people are told again that the stack is still starting: after 5 s, then every 10 s. */

const firstMs = 5_000;
const everyMs = 10_000;

interface Progress {
  readonly waitedMs: number;
  readonly waitingFor: readonly string[];
}

/** Passes on what is due. A new wait is recognised by its smaller `waitedMs`. */
export function whenDue(tell: (progress: Progress) => void): (progress: Progress) => void {
  let nextMs = firstMs;
  let lastMs = 0;
  return (progress) => {
    const { waitedMs } = progress;
    if (waitedMs < lastMs) nextMs = firstMs;
    lastMs = waitedMs;
    if (waitedMs < nextMs) return;
    nextMs = waitedMs + everyMs;
    tell(progress);
  };
}
