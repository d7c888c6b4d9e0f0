/** Turns one event into lines of the live view; none for what is too detailed, or what the next line says anyway. */
import type { Cause, UpkeepEvent } from '../core/event.ts';
import type { Failure } from '../core/failure.ts';
import { seconds } from './duration.ts';
import { explain } from './explain.ts';
import { troubleLines } from './failure-lines.ts';
import type { Style } from './style.ts';

/** A hold as short as that of a commit is no news. */
const worthTellingMs = 1_000;

/** The view of one watcher. It remembers the last failure, so as not to repeat it. Paths below `root` are shortened. */
export function eventView(style: Style, root: string): (event: UpkeepEvent) => readonly string[] {
  let lastFailure = '';
  const short = (text: string): string => text.replaceAll(`${root}/`, '');

  const failed = (failure: Failure | null): readonly string[] => {
    const lines = failure ? ofFailure(failure).map(short) : [];
    const again = lines.join('\n') === lastFailure;
    lastFailure = lines.join('\n');
    return again ? [`${style.red('failed')} as before`] : [style.red('failed'), ...lines];
  };

  const ended = (event: Extract<UpkeepEvent, { event: 'restart.end' }>): readonly string[] => {
    switch (event.outcome) {
      case 'ok':
        lastFailure = '';
        return [
          `${style.green('restarted')}${event.downtimeMs === null ? '' : `, ${seconds(event.downtimeMs)} down`}`,
        ];
      case 'no-change':
        return [style.dim('means the same: no restart')];
      case 'config-bad':
        return [style.dim('not restarted: the old stack stays up')];
      case 'failed':
        return failed(event.failure);
      // What took its place has a line of its own.
      case 'abandoned':
        return [];
    }
  };

  return (event) => {
    switch (event.event) {
      case 'watch.ready':
        return [
          `watching ${event.inputs} configuration files${event.trees ? ' and the sources' : ''} (${event.engine})`,
          ...(event.trees ? [] : ['no service runs code of this tree: its sources are not watched']),
        ];
      case 'left-out':
        return [style.dim(`left out: ${event.path} (${event.because})`)];
      // A lock is usually gone at once; a rebase takes longer.
      case 'git.held':
        return event.because === 'index.lock' ? [] : [style.dim(`waiting for git (${event.because})`)];
      case 'git.released':
        return event.heldMs < worthTellingMs ? [] : [style.dim(`waited ${seconds(event.heldMs)} for git`)];
      case 'no-change':
        return [style.dim(`same content: ${listed(event.paths, event.paths.length)}`)];
      // Not "restarting" yet: the validation may still find that nothing has to be restarted.
      case 'restart.begin':
        return [style.bold(event.cause.trigger === 'user' ? 'restart requested' : becauseOf(event.cause))];
      // The check that follows reports the result, and `restart.end` the times.
      case 'change':
      case 'restart.phase':
        return [];
      case 'restart.waiting':
        return [style.dim(`still starting, ${seconds(event.waitedMs)}: ${event.services.join(', ')}`)];
      case 'restart.end':
        return ended(event);
      case 'config.bad': {
        const where = [event.file, event.line, event.column].filter((part) => part !== null).join(':');
        return [`${style.red('bad')} ${short(where)}${where ? ': ' : ''}${event.message}`];
      }
      case 'service':
        if (!isNews(event.from, event.to)) return [];
        return [
          `${event.name}: ${event.from === 'unknown' ? '' : `${event.from} → `}${event.to === 'failed' ? style.red(event.to) : event.to}`,
          ...event.lastLog.map((line) => `  ${style.dim(`${event.name} |`)} ${line}`),
        ];
      case 'backoff': {
        const nth = event.failures > 1 ? `, ${event.failures} failed in a row` : '';
        return [`${style.yellow('trying again')} in ${seconds(event.retryInMs)}${nth}; a save tries at once`];
      }
      case 'degraded':
        return [`${style.yellow('note')}: ${event.because}`];
      case 'suspended':
        return [`${style.red('suspended')}: ${event.because}`, '`upkeep restart` ends the suspension'];
      case 'stack':
        return [`the stack ${event.is === 'crashed' ? 'crashed' : `is ${event.is}`}: ${event.because}`];
      case 'verb':
        return event.failure === null
          ? [`\`upkeep ${event.verb}\` by hand`]
          : [`\`upkeep ${event.verb}\` by hand ${style.red('failed')}:`, ...explain(event.failure)];
      case 'paused':
        return ['paused: changes are kept, not acted on'];
      case 'resumed':
        return ['resumed'];
      case 'stop':
        return [`watching ends: ${event.because}`];
    }
  };
}

/** One line of `--json`: the time first, then the event as it is. */
export const eventDocument = (event: UpkeepEvent, now: number): object => ({
  t: new Date(now).toISOString(),
  ...event,
});

/** Without the next move that a verb would name: the watcher tries again by itself. */
const ofFailure = (failure: Failure): readonly string[] =>
  failure.reason === 'not-ready' ? failure.services.flatMap(troubleLines) : explain(failure);

/** A start passes through several states; only trouble and its end are worth a line. */
const isNews = (from: string, to: string): boolean =>
  trouble.has(to) || (trouble.has(from) && to !== 'starting');

const trouble: ReadonlySet<string> = new Set(['failed', 'stopped', 'unready']);

/** Why a restart began, in a phrase. */
export function becauseOf(cause: Cause): string {
  const what = listed(cause.paths, cause.count);
  switch (cause.trigger) {
    case 'change':
      return what === '' ? 'the content changed' : `${what} changed`;
    case 'crash':
      return 'the stack crashed';
    case 'retry':
      return 'trying again';
    case 'user':
      return 'requested';
    case 'hook':
      return 'a git hook rang';
  }
}

const listed = (shown: readonly string[], count: number): string =>
  `${shown.join(', ')}${count > shown.length ? ` and ${count - shown.length} more` : ''}`;
