/** One measured figure, and the arithmetic that all of them share. */

export interface Row {
  readonly figure: string;
  readonly value: number;
  readonly unit: 'ms' | 's';
  /** What it is compared with, in the same unit; null: it stands alone. */
  readonly floor: number | null;
  readonly ratio: number | null;
  /** In words, as in the issue; null: for information. */
  readonly target: string | null;
  /** null: there is no target. */
  readonly met: boolean | null;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = low] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly unit?: Row['unit'];
  readonly floor?: number;
  /** Of the ratio where there is a floor, else of the value. */
  readonly atMost?: number;
}

export function row({ figure, value, unit = 'ms', floor, atMost }: Figure): Row {
  const ratio = floor === undefined ? null : value / floor;
  const said = ratio === null ? `≤ ${atMost} ${unit}` : `≤ ${atMost} × floor`;
  return {
    figure,
    value,
    unit,
    floor: floor ?? null,
    ratio,
    target: atMost === undefined ? null : said,
    met: atMost === undefined ? null : (ratio ?? value) <= atMost,
  };
}
