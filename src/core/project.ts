/** What a project is: found once per command, read everywhere. */

export interface Project {
  /** Absolute, resolved: no symlinks. */
  readonly root: string;
  /** First 16 hex digits of sha256(root). */
  readonly key: string;
  readonly backend: 'process-compose' | 'devenv';
  /** The per-work-tree git directory; null without git. */
  readonly gitDir: string | null;
  /** The top of the work tree; the root itself without git. */
  readonly workTree: string;
  /** Where all records lie: `GIT_DIR/upkeep/KEY`. May not exist yet. */
  readonly stateDir: string;
  /** Short and private: `/run/user/UID/upkeep/KEY`, else `/tmp/upkeep-UID/KEY`. May not exist yet. */
  readonly socketDir: string;
  /** Absolute; the primary one, then its override. Empty: it disappeared. */
  readonly configFiles: readonly string[];
}

/** The marker in the environment of every process of a stack: `<project key>.<instance uuid>`. */
export const markerName = 'UPKEEP_INSTANCE';

export interface Marker {
  readonly key: string;
  readonly uuid: string;
}

export const formatMarker = (marker: Marker): string => `${marker.key}.${marker.uuid}`;

/** null when the text is not a marker of ours. */
export function parseMarker(text: string): Marker | null {
  const match = /^([0-9a-f]{16})\.([0-9a-f-]{36})$/.exec(text);
  return match?.[1] && match[2] ? { key: match[1], uuid: match[2] } : null;
}
