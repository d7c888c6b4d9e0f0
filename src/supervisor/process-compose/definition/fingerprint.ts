/** Reduces the meaning of a configuration to one value: equal when only comments, layout, key order or anchors changed. */
import { relative } from 'node:path';
import { sha256 } from '../../../io/hash.ts';
import type { DotenvFile } from './inputs.ts';
import { digest } from './inputs.ts';
import { isPlain } from './merge.ts';
import type { PlainProject } from './project.ts';

export function fingerprint(project: PlainProject, dotenv: readonly DotenvFile[], root: string): string {
  const contents = dotenv
    .filter(({ text }) => text !== null)
    .map(({ path, text }): [string, string] => [relative(root, path), digest(text ?? '')]);
  return sha256(canonical({ ...project, dotenv: Object.fromEntries(contents) }));
}

/** JSON with sorted keys. Lists keep their order: it means something in commands and environments. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isPlain(value)) return JSON.stringify(value) ?? 'null';
  const entries = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${entries.join(',')}}`;
}
