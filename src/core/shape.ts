/** Shapes of configuration values: each reads one node, or reports at its position what was expected there. */
import { suggestion } from './nearest.ts';
import type { Place, PositionedNode } from './positioned.ts';
import { isNull } from './positioned.ts';

export type Complain = (place: Place, message: string, hint?: string) => void;

/** Reads a node; undefined after a complaint, or for an empty value (`key:` alone means: not given). */
export type Shape<T> = (node: PositionedNode, complain: Complain, name: string) => T | undefined;

type Fields = Readonly<Record<string, Shape<unknown>>>;
export type ReadFields<F extends Fields> = {
  readonly [K in keyof F]?: F[K] extends Shape<infer T> ? T : never;
};

/** A map with known keys. `open` accepts unknown ones (`x-…`). Nothing stops at the first problem. */
export const fields =
  <F extends Fields>(known: F, open: (key: string) => boolean = () => false): Shape<ReadFields<F>> =>
  (node, complain, name) => {
    if (isNull(node)) return undefined;
    if (node.kind !== 'map') return wrong(node, complain, name, 'a map');
    const read: Record<string, unknown> = {};
    for (const { key, place, value } of node.entries) {
      const shape = Object.hasOwn(known, key) ? known[key] : undefined;
      if (shape) {
        const result = shape(value, complain, key);
        if (result !== undefined) read[key] = result;
      } else if (!open(key)) {
        const where = name === '' ? '' : ` in \`${name}\``;
        complain(place, `unknown key \`${key}\`${where}`, suggestion(key, Object.keys(known)));
      }
    }
    return read as ReadFields<F>;
  };

/** A map whose keys are free. */
export const recordOf =
  <T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> =>
  (node, complain, name) => {
    if (isNull(node)) return undefined;
    if (node.kind !== 'map') return wrong(node, complain, name, 'a map');
    const read: [string, T][] = [];
    for (const { key, value } of node.entries) {
      const result = shape(value, complain, key);
      if (result !== undefined) read.push([key, result]);
    }
    return Object.fromEntries(read);
  };

export const listOf =
  <T>(shape: Shape<T>, expected: string): Shape<readonly T[]> =>
  (node, complain, name) => {
    if (isNull(node)) return undefined;
    if (node.kind !== 'list') return wrong(node, complain, name, expected);
    return node.items.map((item) => shape(item, complain, name)).filter((item) => item !== undefined);
  };

/** A scalar that `read` understands; where it returns undefined, the complaint says that `expected` was expected. */
export const scalar =
  <T>(expected: string, read: (value: string | number | boolean, text: string) => T | undefined): Shape<T> =>
  (node, complain, name) => {
    if (isNull(node)) return undefined;
    if (node.kind !== 'scalar' || node.value === null) return wrong(node, complain, name, expected);
    const result = read(node.value, node.text);
    return result === undefined ? wrong(node, complain, name, expected) : result;
  };

export const oneOf = <const T extends string>(...words: readonly T[]): Shape<T> =>
  scalar(`one of ${words.join(', ')}`, (value) => words.find((word) => word === value));

export const text: Shape<string> = scalar('a string', (value) =>
  typeof value === 'string' && value !== '' ? value : undefined,
);

export const wholeNumber = (least: number, most: number, expected: string): Shape<number> =>
  scalar(expected, (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? value
      : undefined,
  );

export function wrong(node: PositionedNode, complain: Complain, name: string, expected: string): undefined {
  complain(node.place, `${name === '' ? '' : `\`${name}\`: `}expected ${expected}, found ${described(node)}`);
}

export function described(node: PositionedNode): string {
  if (node.kind === 'map') return 'a map';
  if (node.kind === 'list') return 'a list';
  if (node.value === null) return 'nothing';
  const shown = node.text.length > 40 ? `${node.text.slice(0, 40)}…` : node.text;
  if (typeof node.value === 'string') return shown === '' ? 'an empty string' : `\`${shown}\``;
  return `the ${typeof node.value === 'number' ? 'number' : 'boolean'} ${shown}`;
}
