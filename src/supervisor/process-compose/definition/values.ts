/** Reads scalars as process-compose does: any scalar is a string, and strings that look like numbers came from `${…}`. */
import type { Plain } from './merge.ts';

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

/** `is_disabled`, a string, overrides `disabled` in both directions. */
export function isDisabled(process: Plain): boolean {
  const word = maybeText(process['is_disabled']);
  return word === 'true' || (word !== 'false' && flag(process['disabled']));
}

/** YAML 1.1's words too: process-compose's parser takes them where a truth value is expected. */
export const flag = (value: unknown): boolean =>
  value === true || (typeof value === 'string' && /^(?:true|yes|on|y)$/i.test(value));
