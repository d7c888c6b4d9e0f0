/** Merges loaded files into one project, still in process-compose's terms. */
import { dirname, resolve } from 'node:path';
import { plainValue } from '../../../core/positioned.ts';
import type { LoadedFile } from './load-files.ts';
import type { Plain } from './merge.ts';
import { isPlain, merge, withoutExtensions } from './merge.ts';

export interface PlainProject {
  /** Everything but the processes; without `x-…`, `extends` and `version`, which mean nothing once merged. */
  readonly settings: Plain;
  readonly processes: Readonly<Record<string, Plain>>;
}

export function mergeFiles(files: readonly LoadedFile[]): PlainProject {
  const whole = files.map(asPlain).reduce(merge, {});
  const { processes, extends: _, version: __, ...settings } = withoutExtensions(whole);
  const named = isPlain(processes) ? processes : {};
  const own = Object.entries(named).map(([name, process]): [string, Plain] => [
    name,
    isPlain(process) ? process : {},
  ]);
  const all = Object.fromEntries(own);
  return {
    settings,
    processes: Object.fromEntries(
      own.map(([name, process]) => [name, withoutExtensions(inherited(process, all))]),
    ),
  };
}

function asPlain(file: LoadedFile): Plain {
  const value = file.tree ? plainValue(file.tree) : null;
  if (!isPlain(value)) return {};
  if (!file.extended || !isPlain(value['processes'])) return value;
  // Directories in an extended file are relative to that file; those in an override are relative to the server's directory.
  const here = dirname(file.path);
  const moved = Object.entries(value['processes']).map(([name, process]): [string, unknown] => {
    const own = isPlain(process) ? process : {};
    const directory = own['working_dir'];
    return [name, { ...own, working_dir: typeof directory === 'string' ? resolve(here, directory) : here }];
  });
  return { ...value, processes: Object.fromEntries(moved) };
}

/** Process-level `extends`, which newer releases know: `extends: base`, or `extends: { process: base }`. */
function inherited(process: Plain, all: Readonly<Record<string, Plain>>, depth = 0): Plain {
  const from = process['extends'];
  const name = isPlain(from) ? from['process'] : from;
  const base = typeof name === 'string' && Object.hasOwn(all, name) ? all[name] : undefined;
  if (!base || base === process || depth > 16) return process;
  return merge(inherited(base, all, depth + 1), process);
}
