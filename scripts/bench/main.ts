/** `npm run bench [-- NAME…]`: measures, prints a table, writes bench-results.json. Says what was met; judges nothing. */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { benchContentId } from './content-id.ts';
import { benchDowntime } from './downtime.ts';
import { benchEvaluation } from './evaluation.ts';
import { benchProcesses } from './processes.ts';
import type { Row } from './row.ts';
import { row } from './row.ts';
import { benchSave } from './save.ts';
import { benchStatus } from './status.ts';
import { benchStop } from './stop.ts';

const benchmarks: Readonly<Record<string, () => Promise<Row[]>>> = {
  downtime: benchDowntime,
  evaluation: benchEvaluation,
  stop: benchStop,
  save: benchSave,
  status: benchStatus,
  processes: benchProcesses,
  content: contentRows,
};

async function contentRows(): Promise<Row[]> {
  const sizes = await benchContentId();
  return sizes.flatMap(({ files, firstMs, warmMs, editMs }) => [
    row({ figure: `content id, ${files} files, first`, value: firstMs }),
    row({
      figure: `content id, ${files} files, warm`,
      value: warmMs,
      ...(files >= 100_000 ? warmTarget : {}),
    }),
    row({ figure: `content id, ${files} files, one edited`, value: editMs }),
  ]);
}
const warmTarget = { atMost: 1000 };

function print(rows: readonly Row[]): void {
  const number = (value: number | null): string => (value === null ? '' : value.toFixed(value < 10 ? 2 : 0));
  const lines = rows.map((one) => [
    one.figure,
    `${number(one.value)} ${one.unit}`,
    one.floor === null ? '' : `${number(one.floor)} ${one.unit}`,
    number(one.ratio),
    one.target ?? '',
    one.met === null ? '' : one.met ? 'met' : 'NOT MET',
  ]);
  const table = [['figure', 'value', 'floor', 'ratio', 'target', ''], ...lines];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  for (const line of table)
    console.log(
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${Object.keys(benchmarks).join(', ')}`);
  process.exitCode = 2;
} else {
  const rows: Row[] = [];
  for (const [name, run] of Object.entries(benchmarks)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    console.error(`${name} …`);
    rows.push(...(await run()));
  }
  print(rows);
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version };
  const results = { schema: 1, at: new Date().toISOString(), machine, rows };
  const file = join(import.meta.dirname, '../../bench-results.json');
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}
