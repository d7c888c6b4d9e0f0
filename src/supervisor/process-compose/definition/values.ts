/** Scalars as process-compose reads them: any scalar is a text, and texts that look like numbers came from `${…}`. */

export const maybeText = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value) === ''
      ? null
      : String(value)
    : null;

export const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(maybeText).filter((text) => text !== null) : [];

export function number(value: unknown): number | null {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : null;
}

/** YAML 1.1's words too: process-compose's parser takes them where a truth value is expected. */
export const flag = (value: unknown): boolean =>
  value === true || (typeof value === 'string' && /^(?:true|yes|on|y)$/i.test(value));
