/** Finds `tools/process-compose`, the Go module of ours that pins which process-compose is built. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface GoModule {
  /** Absolute. May be read-only: an npm package that root installed. */
  readonly directory: string;
  /** Without the `v`: `1.87.0`. */
  readonly version: string;
  /** First 12 hex digits of sha256(go.sum): another set of dependencies is another program. */
  readonly sumHash: string;
}

/** Looks upward from `from`, since the bundle in dist/ lies elsewhere than this file in src/. null: the package lacks it. */
export function findModule(from: string = import.meta.dirname): GoModule | null {
  for (let at = from; ; at = dirname(at)) {
    const directory = join(at, 'tools', 'process-compose');
    try {
      const required = /^require github\.com\/f1bonacc1\/process-compose v(\S+)/m;
      const version = required.exec(readFileSync(join(directory, 'go.mod'), 'utf8'))?.[1];
      const sumHash = createHash('sha256')
        .update(readFileSync(join(directory, 'go.sum')))
        .digest('hex')
        .slice(0, 12);
      if (version) return { directory, version, sumHash };
    } catch {
      // not here: one up
    }
    if (dirname(at) === at) return null;
  }
}
