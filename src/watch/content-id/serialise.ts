/** Content as JSON and back (schema 1). Pairs in arrays: a file may be called `__proto__`. */
import type { Content, ContentList } from '../../core/content.ts';

interface Stored {
  readonly schema: 1;
  readonly id: string;
  readonly config: readonly (readonly [string, string])[];
  readonly code: readonly (readonly [string, string])[];
}

export function serialiseContent(content: Content): string {
  const stored: Stored = { schema: 1, id: content.id, config: [...content.config], code: [...content.code] };
  return JSON.stringify(stored);
}

/** null: not the text of a Content. Then it is unknown what was applied. */
export function parseContent(text: string): Content | null {
  try {
    const { schema, id, config, code } = JSON.parse(text) as Stored;
    if (schema !== 1 || typeof id !== 'string') return null;
    return isList(config) && isList(code) ? { id, config: listOf(config), code: listOf(code) } : null;
  } catch {
    return null;
  }
}

const isList = (value: unknown): value is Stored['config'] =>
  Array.isArray(value) &&
  value.every((pair) => Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string');

const listOf = (pairs: Stored['config']): ContentList => new Map(pairs);
