/** Aligns cells in columns; nothing is cut off, a narrow terminal wraps. */
import { stripVTControlCharacters } from 'node:util';

export function table(rows: readonly (readonly string[])[]): string {
  const width = (cell: string): number => stripVTControlCharacters(cell).length;
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, at) => Math.max(width(cell), most[at] ?? 0)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - width(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
