/** `doctor` for people: a line for each check, the next move below what is wrong, and the total. */
import type { Check, DoctorReport } from '../core/doctor.ts';
import type { Style } from './style.ts';

export function doctorLines({ checks }: DoctorReport, style: Style): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const problems = checks.filter(({ is }) => is === 'problem').length;
  return [
    ...checks.flatMap((check) => checkLines(check, width, style)),
    '',
    problems === 0
      ? style.green('nothing is wrong')
      : style.red(`${problems} problem${problems === 1 ? '' : 's'}`),
  ];
}

function checkLines({ name, is, what, next }: Check, width: number, style: Style): string[] {
  const mark = { ok: style.green('ok  '), note: style.yellow('note'), problem: style.red('FAIL') }[is];
  const indent = ' '.repeat(width + 7);
  const [first = '', ...more] = what.split('\n');
  return [
    `${mark}  ${name.padEnd(width)} ${first}`,
    ...more.map((line) => `${indent}${line}`),
    ...(next ? [`${indent}→ ${next}`] : []),
  ];
}
