/** Lists every file that shapes a process-compose project, including missing ones that would count. */
import { basename, dirname, join, resolve } from 'node:path';
import { sha256OfSecret } from '../../../io/hash.ts';
import { overrideNames } from '../files.ts';
import type { PlainProject } from './project.ts';
import { texts } from './values.ts';
import { readRegularText } from '../../../io/read-regular.ts';

export interface DotenvFile {
  readonly path: string;
  /** null: missing or unreadable. */
  readonly text: string | null;
}

/** `.env` is loaded by default; `.pc_env` by every call of process-compose, for its own PC_* settings. */
export function readDotenvFiles(project: PlainProject, root: string): readonly DotenvFile[] {
  const named = Object.values(project.processes).flatMap(({ env_file: files }) =>
    (Array.isArray(files) ? texts(files) : texts([files])).map((file) => resolve(root, file)),
  );
  const paths = [...new Set([join(root, '.env'), join(root, '.pc_env'), ...named])];
  return paths.map((path) => ({ path, text: readText(path) }));
}

function readText(path: string): string | null {
  try {
    return readRegularText(path);
  } catch {
    return null;
  }
}

/** Absolute, each once: the files, the override that could appear beside the primary one, the dotenv files. */
export function allInputs(
  files: readonly string[],
  loaded: readonly string[],
  dotenv: readonly DotenvFile[],
): readonly string[] {
  const primary = files[0];
  const overrides =
    primary === undefined ? [] : overrideNames(basename(primary)).map((name) => join(dirname(primary), name));
  return [...new Set([...loaded, ...overrides, ...dotenv.map(({ path }) => path)])];
}

/** Of the bytes; the contents themselves are secrets and go nowhere. */
export const digest = (text: string): string => sha256OfSecret(text);
