/** A configuration file as a tree that knows the position of each key and value; what the checkers read. */

/** Counted from 1, as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export type ScalarValue = string | number | boolean | null;

export type PositionedNode =
  | { readonly kind: 'map'; readonly place: Place; readonly entries: readonly PositionedEntry[] }
  | { readonly kind: 'list'; readonly place: Place; readonly items: readonly PositionedNode[] }
  | {
      readonly kind: 'scalar';
      readonly place: Place;
      readonly value: ScalarValue;
      /** As it is written, without quotes. */
      readonly text: string;
      readonly quoted: boolean;
    };

export interface PositionedEntry {
  readonly key: string;
  readonly place: Place;
  readonly value: PositionedNode;
}

/** undefined for anything but a map that has the key. */
export const entryOf = (node: PositionedNode | undefined, key: string): PositionedEntry | undefined =>
  node?.kind === 'map' ? node.entries.find((entry) => entry.key === key) : undefined;

/** The value below a chain of keys, undefined where the chain breaks. */
export function valueAt(
  node: PositionedNode | undefined,
  ...keys: readonly string[]
): PositionedNode | undefined {
  let at = node;
  for (const key of keys) at = entryOf(at, key)?.value;
  return at;
}

export const entriesOf = (node: PositionedNode | undefined): readonly PositionedEntry[] =>
  node?.kind === 'map' ? node.entries : [];

export const isNull = (node: PositionedNode): boolean => node.kind === 'scalar' && node.value === null;

/** The value without its places: maps become records without a prototype, so that `__proto__` is a key like any other. */
export function plainValue(node: PositionedNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainValue);
  const record: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const entry of node.entries) record[entry.key] = plainValue(entry.value);
  return record;
}
