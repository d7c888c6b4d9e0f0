/** `why` for people, in three to ten lines: how the stack came up, what is stale, and what does not run for which reason. */
import { isWell } from '../core/health.ts';
import type { LastRestart } from '../core/last-restart.ts';
import type { WhyReport, WhyService } from '../core/why.ts';

import { seconds, stamp } from './duration.ts';
import { becauseOf } from './event-view.ts';
import { explain } from './explain.ts';
import type { Style } from './style.ts';

const shownReasons = 4;
const shownLog = 4;

export function whyLines(report: WhyReport, style: Style): string[] {
  return [
    ...stackLines(report, style),
    ...(report.refused ? refusedLines(report.refused) : []),
    ...freshLines(report, style),
    ...report.services.flatMap((service) =>
      serviceLines(service, { style, brief: report.services.length > 1 }),
    ),
    ...(report.next.length > 0
      ? [`next: ${report.next.map((command) => style.cyan(command)).join('  or  ')}`]
      : []),
  ];
}

function stackLines({ stack, healthy, down, lastRestart: last }: WhyReport, style: Style): string[] {
  if (down) {
    const at = down.at ? ` (${stamp(down.at)})` : '';
    return [
      `${style.bold('down')}: ${down.because}${at}`,
      ...(last ? [`before that: ${restartText(last)}`] : []),
    ];
  }
  const word = healthy ? style.green(stack) : style.red(stack);
  return [last ? `${word}: ${restartText(last)}` : `${word}: it is not known since when`];
}

function restartText({ at, by, what, cause, outcome, downtimeMs }: LastRestart): string {
  const time = stamp(at);
  if (by === 'unknown') return `started ${time}; the reason was not recorded`;
  if (by === 'hand') return `\`upkeep ${what}\` by hand, ${time}`;
  const because = cause ? becauseOf(cause) : 'the cause was not recorded';
  const end =
    outcome === null
      ? 'still under way'
      : `${outcome}${downtimeMs === null ? '' : `, ${seconds(downtimeMs)} down`}`;
  return `restarted by the watcher, ${time}: ${because} (${end})`;
}

const refusedLines = ({ at, what, failure }: NonNullable<WhyReport['refused']>): string[] =>
  // The last line of a failure is the next move at that time.
  [
    `since then, ${stamp(at)}: ${what} failed: ${explain(failure)
      .slice(0, 2)
      .map((line) => line.trim())
      .join(' ')}`,
  ];

function freshLines({ freshness, down }: WhyReport, style: Style): string[] {
  if (down) return [];
  const { verdict, reasons } = freshness;
  if (verdict === 'fresh') return ['fresh: it runs what is on disk'];
  const shown = reasons
    .slice(0, shownReasons)
    .map(({ path, detail }) => (verdict === 'unknown' ? detail : `${path} ${detail}`));
  const more = reasons.length > shown.length ? ` and ${reasons.length - shown.length} more` : '';
  return [
    `${style.yellow(verdict === 'stale' ? 'stale' : 'not known whether it is fresh')}: ${shown.join(', ')}${more}`,
  ];
}

/** `brief`, among other services: only the first cause, which has lines of its own. */
function serviceLines(service: WhyService, { style, brief }: { style: Style; brief: boolean }): string[] {
  const { name, verdict, what, blockedBy, restarts, lastChange, startedAt, fresh } = service;
  const well = isWell(verdict);
  const text = what.startsWith(verdict) ? what : `${verdict}, ${what}`;
  const cause = brief ? blockedBy.at(-1) : undefined;
  const parts = [
    startedAt ? `, since ${stamp(startedAt)}` : '',
    well ? `, ${fresh}` : '',
    restarts > 0 ? `; its supervisor restarted it ${restarts} ${restarts === 1 ? 'time' : 'times'}` : '',
    lastChange ? `; ${lastChange.from} → ${lastChange.to} at ${stamp(lastChange.at)}` : '',
    cause ? ` (because of ${cause.name}: ${cause.what})` : '',
  ];
  const chain = blockedBy.map(
    (one) => `  it waits for ${one.name} (${one.condition}), which is ${one.verdict}: ${one.what}`,
  );
  const log = service.lastLog.filter((line) => line.trim() !== '').slice(-shownLog);
  return [
    `${name}: ${well ? text : style.red(text)}${parts.join('')}`,
    ...(blockedBy.length > 0 && brief ? [] : chain),
    ...(blockedBy.length > 0 ? [] : log).map((line) => `  ${style.dim(`${name} |`)} ${line}`),
  ];
}
