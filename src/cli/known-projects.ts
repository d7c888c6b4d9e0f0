/** The list of projects on this machine, best effort: tells which work tree a marker belongs to, for reports. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RecordKind } from '../io/records.ts';
import { readRecord, writeRecord } from '../io/records.ts';
import { projectKey } from './find-project.ts';
import { stateHome } from '../io/state-home.ts';

interface KnownProject {
  readonly schema: 1;
  readonly key: string;
  readonly root: string;
}

const kind: RecordKind<KnownProject> = {
  schema: 1,
  check: (value): value is KnownProject => {
    const { key, root } = (value ?? {}) as Partial<KnownProject>;
    // A record that was copied, or written by hand, names nothing: the key is a digest of the root.
    return typeof key === 'string' && typeof root === 'string' && projectKey(root) === key;
  },
};

const listDirectory = (): string => join(stateHome(), 'projects');

/** Adds the project unless it is there. A list that cannot be written costs a name in a report, nothing else. */
export function rememberProject({ key, root }: { key: string; root: string }): void {
  const path = join(listDirectory(), `${key}.json`);
  if (existsSync(path) && readRoot(path) === root) return;
  const record: KnownProject = { schema: 1, key, root };
  writeRecord(path, record, { synced: false });
}

/** Every project in the list, by its root; one whose directory is gone is left out. */
export function knownProjects(): { readonly key: string; readonly root: string }[] {
  return names()
    .flatMap((name) => {
      const root = readRoot(join(listDirectory(), name));
      return root !== null && existsSync(root) ? [{ key: name.slice(0, -'.json'.length), root }] : [];
    })
    .toSorted((a, b) => (a.root < b.root ? -1 : 1));
}

/**
 * The root of the project with this key; null: unknown. In a sandbox with a home of its own the list is another one: then the
 * directory at or above `cwd` whose digest is the key is the root.
 */
export function rootOfKey(key: string, cwd: string | null): string | null {
  if (!/^[0-9a-f]{16}$/.test(key)) return null;
  return readRoot(join(listDirectory(), `${key}.json`)) ?? rootAbove(key, cwd);
}

function rootAbove(key: string, cwd: string | null): string | null {
  for (let at = cwd; at?.startsWith('/'); at = dirname(at)) {
    if (projectKey(at) === key) return at;
    if (at === '/') return null;
  }
  return null;
}

function readRoot(path: string): string | null {
  const read = readRecord(path, kind);
  return read.ok ? (read.value?.root ?? null) : null;
}

function names(): string[] {
  try {
    return readdirSync(listDirectory()).filter((name) => /^[0-9a-f]{16}\.json$/.test(name));
  } catch {
    return [];
  }
}
