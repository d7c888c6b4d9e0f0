/** Whether devenv.yaml lets the environment of a start through to the services, and the line where it says so. */
import { join } from 'node:path';
import type { Place } from '../../core/positioned.ts';
import { entryOf, plainValue, valueAt } from '../../core/positioned.ts';
import { readYaml } from '../../io/yaml.ts';
import { readText } from '../devenv-evaluation/places.ts';

export interface Clean extends Place {
  /** Absolute. */
  readonly file: string;
  /** Names that get through. */
  readonly keep: readonly string[];
}

/**
 * null: `clean` is off, or the file cannot be read, which others tell. With it, devenv starts process-compose in an empty
 * environment, plus what is kept and what it evaluated. The place is that of `keep:`, else of `clean:`.
 */
export async function readClean(root: string): Promise<Clean | null> {
  // The local file wins; before 1.10 devenv does not read it, and few have one then.
  for (const name of ['devenv.local.yaml', 'devenv.yaml']) {
    const file = join(root, name);
    const { tree } = await readYaml(readText(file) ?? '');
    const clean = entryOf(tree ?? undefined, 'clean');
    if (!clean) continue;
    const enabled = valueAt(clean.value, 'enabled');
    if (!enabled || plainValue(enabled) !== true) return null;
    const keep = entryOf(clean.value, 'keep');
    const names = keep ? plainValue(keep.value) : [];
    const texts = Array.isArray(names) ? names.map(String) : [];
    return { file, keep: texts, ...(keep ?? clean).place };
  }
  return null;
}
