/** What a content id covers: places, pathspecs, named inputs. */

export interface ContentScope {
  /** Absolute, resolved. */
  readonly root: string;
  /** The top of the work tree that holds the root; the root itself without git. */
  readonly workTree: string;
  /** The user's per-work-tree git directory; null without git. Only ever read. */
  readonly gitDir: string | null;
  /** Ours: the private index lies in `index/` below it. */
  readonly stateDir: string;
  /** git pathspecs relative to the root that code services run on; [] = no code at all. */
  readonly sources: readonly string[];
  /** gitignore-like patterns relative to the root. */
  readonly ignore: readonly string[];
  /** Named inputs, absolute, hashed in-process, missing ones as `absent`; only those in `shared` are part of the code list. */
  readonly inputs: readonly string[];
  /** Those inputs that services also run on: part of both lists. Absolute. */
  readonly shared?: readonly string[];
}

/** One repository (the project's, or one nested in it) as the private index sees it. */
export interface Repository {
  readonly root: string;
  readonly workTree: string;
  readonly gitDir: string | null;
  /** Where our index of it lies. */
  readonly indexDir: string;
  readonly sources: readonly string[];
  /** In git's own form, relative to the work tree: see gitPatterns. */
  readonly patterns: readonly string[];
  readonly signal: AbortSignal | undefined;
}
