/** One event → the lines of the live view; what is too fine for people gives none. */
import type { Cause, UpkeepEvent } from '../core/event.ts';
import { seconds } from './duration.ts';
import { explain } from './explain.ts';
import type { Style } from './style.ts';

export function eventLines(event: UpkeepEvent, style: Style): readonly string[] {
  switch (event.event) {
    case 'watch.ready':
      return [
        `watching ${event.inputs} configuration files${event.trees ? ' and the sources' : ''} (${event.engine})`,
        ...(event.trees ? [] : ['no service runs code of this tree: its sources are not watched']),
      ];
    case 'change':
      return [style.dim(`changed: ${paths(event.paths, event.count)}`)];
    case 'left-out':
      return [style.dim(`left out: ${event.path} (${event.because})`)];
    case 'git.held':
      return [style.dim(`git is at work (${event.because}): waiting`)];
    case 'git.released':
      return [style.dim(`git is done after ${seconds(event.heldMs)}`)];
    case 'no-change':
      return [
        style.dim(
          `same content, no restart${event.paths.length > 0 ? `: ${paths(event.paths, event.paths.length)}` : ''}`,
        ),
      ];
    case 'restart.begin':
      return [`${style.bold('restart')} ${event.restart}: ${because(event.cause)}`];
    case 'restart.phase':
      return [];
    case 'restart.waiting':
      return [style.dim(`still starting, ${seconds(event.waitedMs)}: ${event.services.join(', ')}`)];
    case 'restart.end':
      return restartEnd(event, style);
    case 'config.bad':
      return configBad(event, style);
    case 'service':
      if (!isNews(event.from, event.to)) return [];
      return [
        `${event.name}: ${event.from} → ${event.to === 'failed' ? style.red(event.to) : event.to}`,
        ...event.lastLog.map((line) => `  ${style.dim(`${event.name} |`)} ${line}`),
      ];
    case 'backoff':
      return [
        `${style.yellow('trying again')} in ${seconds(event.retryInMs)} (${event.failures} failed in a row); a save starts at once`,
      ];
    case 'degraded':
      return [`${style.yellow('degraded')}: ${event.because}`];
    case 'suspended':
      return [`${style.red('suspended')}: ${event.because}`, '`upkeep restart` ends the suspension'];
    case 'stack':
      return [`the stack is ${event.is}: ${event.because}`];
    case 'paused':
      return ['paused: changes are kept, not acted on'];
    case 'resumed':
      return ['resumed'];
    case 'stop':
      return [`watching ends: ${event.because}`];
  }
}

/** One line of `--json`: the time first, then the event as it is. */
export const eventDocument = (event: UpkeepEvent, now: number): object => ({
  t: new Date(now).toISOString(),
  ...event,
});

function restartEnd(event: Extract<UpkeepEvent, { event: 'restart.end' }>, style: Style): readonly string[] {
  const { outcome, failure, restart } = event;
  const down = event.downtimeMs === null ? '' : `, ${seconds(event.downtimeMs)} down`;
  switch (outcome) {
    case 'ok':
      return [`${style.green('ready')} ${restart}${down}`];
    case 'no-change':
      return [style.dim(`the configuration means the same: no restart (${restart})`)];
    case 'abandoned':
      return [style.dim(`${restart} gives way to newer content${down}`)];
    case 'config-bad':
      return [`${style.red('not restarted')} ${restart}: the old stack stays up`];
    case 'failed':
      return [`${style.red('failed')} ${restart}${down}`, ...(failure ? explain(failure) : [])];
  }
}

/** A start passes through several states; people want to hear of trouble and of its end. */
const isNews = (from: string, to: string): boolean =>
  trouble.has(to) || (trouble.has(from) && to !== 'starting');

const trouble: ReadonlySet<string> = new Set(['failed', 'stopped', 'unready']);

function configBad(event: Extract<UpkeepEvent, { event: 'config.bad' }>, style: Style): readonly string[] {
  const where = [event.file, event.line, event.column].filter((part) => part !== null).join(':');
  return [`${style.red('configuration')} ${where}${where ? ': ' : ''}${event.message}`];
}

function because(cause: Cause): string {
  if (cause.paths.length > 0) return `${paths(cause.paths, cause.count)} changed`;
  const words = {
    change: 'the content changed',
    crash: 'the stack crashed',
    retry: 'trying again',
    user: 'asked for',
    hook: 'a git hook rang',
  };
  return words[cause.trigger];
}

const paths = (shown: readonly string[], count: number): string =>
  `${shown.join(', ')}${count > shown.length ? ` and ${count - shown.length} more` : ''}`;
