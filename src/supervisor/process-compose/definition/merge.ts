/** Merges files as process-compose does: the later one wins, lists are appended, environments merge by name. */

export type Plain = Readonly<Record<string, unknown>>;

export const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** process-compose's own rules: an empty value does not override, lists are appended. */
export function merge(base: Plain, override: Plain): Plain {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(override)) {
    const before = merged[key];
    if (key === 'environment' && Array.isArray(before) && Array.isArray(value)) {
      merged[key] = mergeEnvironments(before, value);
    } else if (Array.isArray(before) && Array.isArray(value)) {
      merged[key] = [...(before as unknown[]), ...(value as unknown[])];
    } else if (isPlain(before) && isPlain(value)) {
      merged[key] = merge(before, value);
    } else if (before === undefined || !isEmpty(value)) {
      merged[key] = value;
    }
  }
  return merged;
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || value === 0 || value === false;

function mergeEnvironments(base: readonly unknown[], override: readonly unknown[]): readonly string[] {
  const byName = new Map<string, string>();
  for (const entry of [...base, ...override]) byName.set(String(entry).replace(/=.*$/s, ''), String(entry));
  return [...byName.values()].toSorted();
}

/** Without `x-…` keys, which only matter for YAML anchors and people. */
export const withoutExtensions = (map: Plain): Plain =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !key.startsWith('x-')));
