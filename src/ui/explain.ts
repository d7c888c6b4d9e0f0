/** Every failure in words: what happened, where, and the next move. All of these texts are here, to be read together. */
import type { ConfigProblem, Failure } from '../core/failure.ts';
import type { PortHolder, ServiceTrouble, Survivor } from '../core/trouble.ts';
import { seconds } from './duration.ts';
import { portLines } from './port-view.ts';

/** The same for something that stops nothing: what holds meanwhile, in place of what was not done. */
export function explainWarning(failure: Failure): readonly string[] {
  const lines = explain(failure);
  if (failure.reason === 'settings-invalid')
    return [...lines.slice(0, -1), 'The defaults hold until it is fixed.'];
  if (failure.reason === 'stack-config-bad' && failure.untouched)
    return [...lines.slice(0, -1), 'What runs goes on; nothing can be started until it is fixed.'];
  return lines;
}

/** The lines for one failure; the first says what happened. */
export function explain(failure: Failure): readonly string[] {
  switch (failure.reason) {
    case 'usage':
      return [failure.message, ...(failure.hint ? [failure.hint] : ['`upkeep --help` lists the commands.'])];
    case 'no-project':
      return [
        `no project in ${failure.from} or above it, up to the top of its git work tree.`,
        'A project has a devenv.nix, a process-compose.yaml or an upkeep.yaml; `-C DIR` names another place.',
      ];
    case 'ambiguous-project':
      return [
        `${failure.root} holds several configurations: ${failure.files.join(', ')}.`,
        'Name one in upkeep.yaml: `backend:` or `config:`.',
      ];
    case 'settings-invalid':
      return [
        'upkeep.yaml has problems:',
        ...failure.problems.map(problemLine),
        'Nothing was changed. `upkeep stop` and `upkeep status` work meanwhile.',
      ];
    case 'unknown-service':
      return [
        `no service is called ${failure.names.map((name) => `"${name}"`).join(', ')}.`,
        `There are: ${failure.known.join(', ') || 'none'}.`,
      ];
    case 'stack-config-bad':
      return [
        `the configuration of the stack does not ${failure.starts === false ? 'start' : 'evaluate'}:`,
        ...failure.problems.map(problemLine),
        failure.untouched
          ? 'Nothing was touched. Fix it and run the command again.'
          : 'The last good configuration is running.',
      ];
    case 'binary-missing':
      return [
        `cannot get ${failure.program}: ${failure.detail}`,
        ...failure.tried.map((place) => `  tried: ${place}`),
      ];
    case 'command-failed':
      return [
        `\`${failure.argv.join(' ')}\` ${failure.exitCode === null ? 'could not be run' : `ended with ${failure.exitCode}`}:`,
        failure.stderr.trim(),
      ];
    case 'command-timeout':
      return [
        `\`${failure.argv.join(' ')}\` did not end within ${seconds(failure.timeoutMs)} and was ended.`,
      ];
    case 'evaluation-broke':
      return [
        `\`${failure.command}\` broke off: ${failure.message}`,
        `Nothing was touched. ${failure.advice}`,
      ];
    case 'git-failed':
      return [`git could not read ${failure.root}: ${failure.message}`];
    case 'state-unwritable':
      return [
        `cannot write ${failure.path} (${failure.code}).`,
        /^(?:ENOSPC|EDQUOT)$/.test(failure.code)
          ? 'upkeep keeps its records there: make room on that disk, then run the command again.'
          : 'upkeep keeps its records there: give this user write access, or run it where that directory can be written.',
      ];
    case 'record-invalid':
      return [
        recordText(failure),
        'It was left as it is and not believed. `upkeep restart` writes a new one.',
      ];
    case 'root-vanished':
      return [`${failure.root} is not a directory.`];
    case 'socket-path-too-long':
      return [`the socket path ${failure.path} is longer than ${failure.limit} bytes.`];
    case 'socket-directory-unsafe':
      return [
        `will not use ${failure.path} for sockets: ${failure.detail}.`,
        'It must be a directory of yours that nobody else can write to.',
      ];
    case 'endpoint-absent':
    case 'endpoint-refused':
      return [
        `nothing answers at ${failure.endpoint}: the stack is not running, or it was stopped meanwhile.`,
        '`upkeep status` says what is true, `upkeep start` starts it.',
      ];
    case 'endpoint-closed':
      return [
        `the supervisor at ${failure.endpoint} hung up (${failure.detail}): it was stopped or it crashed.`,
        '`upkeep status` says what is true.',
      ];
    case 'endpoint-timeout':
      return [
        `the supervisor at ${failure.endpoint} did not answer within ${seconds(failure.timeoutMs)}.`,
        '`upkeep restart` ends it and starts the stack again.',
      ];
    case 'endpoint-unauthorised':
      return [
        `the supervisor at ${failure.endpoint} wants a token.`,
        'Set PC_API_TOKEN to the one it was started with.',
      ];
    case 'endpoint-garbage':
      return [
        `what answers at ${failure.endpoint} is not a supervisor that upkeep knows: ${failure.detail}.`,
        '`upkeep status` says what is true; check `endpoint:` in upkeep.yaml.',
      ];
    case 'endpoint-rejected':
      return [`the supervisor at ${failure.endpoint} refused (${failure.status}): ${failure.message}`];
    case 'instance-foreign':
      if (failure.inProject)
        return [
          `somebody else started this stack in the same moment: pid ${failure.pid} answers at ${failure.endpoint}.`,
          'It was left running, and nothing is left of this start. `upkeep status` shows it, `upkeep restart` replaces it.',
        ];
      return [
        `${failure.endpoint} belongs to something else${failure.pid === null ? '' : `: pid ${failure.pid}`}${failure.command ? ` (${failure.command})` : ''}${failure.cwd ? ` in ${failure.cwd}` : ''}.`,
        'It was not touched. Stop it there, or give this project another `endpoint:` in upkeep.yaml.',
      ];
    case 'port-taken':
      return [
        ...(failure.reports?.flatMap(portLines) ?? failure.holders.map(holderLine)),
        'Nothing was started. Stop that process, or change the port of the service.',
      ];
    case 'inside-stack':
      return [
        `this command runs inside ${failure.service === null ? 'the stack' : `the service ${failure.service}`} (pid ${failure.pid}, ${failure.command}): a stop would end it half-way.`,
        'Nothing was touched. Run it from a terminal of its own.',
      ];
    case 'not-running':
      return ['the stack is not running.', '`upkeep start` starts it.'];
    case 'stopped-meanwhile':
      return ['the stack was stopped before it was ready.', '`upkeep start` starts it again.'];
    case 'no-terminal':
      return [
        `\`upkeep ${failure.verb}\` needs a terminal.`,
        '`upkeep logs -f` and `upkeep status` work without one.',
      ];
    case 'lock-timeout':
      return [
        `${failure.holder} is at work on this project and did not finish within ${seconds(failure.timeoutMs)}.`,
        '`--timeout SECONDS` waits longer.',
      ];
    case 'server-exited':
      return [
        `the supervisor ended before it answered${failure.exitCode === null ? '' : ` (exit code ${failure.exitCode})`}${failure.signal ? ` (${failure.signal})` : ''}.`,
        ...failure.log.map((line) => `  ${line}`),
      ];
    case 'not-ready':
      return [
        failure.why === 'failed'
          ? 'the stack is up, but not healthy:'
          : `not ready after ${seconds(failure.waitedMs)} (no sign of life within \`ready.timeout\`):`,
        ...failure.services.flatMap(troubleLines),
        'The services are left as they are. `upkeep logs NAME` shows more.',
      ];
    case 'old-generation-alive':
      return [
        'cannot believe "ready":',
        ...failure.survivors.map(survivorLine),
        '`upkeep restart` ends what is left of the old stack.',
      ];
    case 'timeout':
      return [
        `--timeout: ${seconds(failure.timeoutMs)} went by while ${failure.doing}.`,
        ...failure.services.flatMap(troubleLines),
      ];
    case 'survivors':
      return [
        'something survived:',
        ...failure.survivors.map(survivorLine),
        ...failure.ports.map(holderLine),
      ];
    case 'wrong-user':
      return [
        `${failure.root} belongs to ${failure.owner}, and this is sudo.`,
        `Run it as ${failure.owner}, without sudo: root's files could not be stopped by ${failure.owner} afterwards.`,
      ];
    case 'not-implemented':
      return [`${failure.what} is not there yet.`, failure.instead];
    case 'superseded':
      return ['another command brought the stack up on this content meanwhile.'];
    case 'interrupted':
      return ['interrupted.'];
    case 'unexpected':
      return [`a bug in upkeep: ${failure.message}`, failure.stack];
  }
}

export function problemLine(problem: ConfigProblem): string {
  const where = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  return `  ${where}: ${problem.message}${problem.hint ? ` (${problem.hint})` : ''}`;
}

function recordText(failure: Extract<Failure, { reason: 'record-invalid' }>): string {
  const what = {
    corrupt: 'is damaged',
    empty: 'is empty',
    newer: 'was written by a newer upkeep',
    'foreign-boot': 'is from before the last boot',
  }[failure.problem];
  return `the record ${failure.path} ${what}: ${failure.detail}`;
}

const holderLine = (holder: PortHolder): string =>
  `  port ${holder.port} is taken by ${holder.pid === null ? `a process that cannot be seen from here (uid ${holder.uid ?? '?'})` : `pid ${holder.pid}${holder.command ? ` (${holder.command})` : ''}`}${holder.cwd ? ` in ${holder.cwd}` : ''}${holder.service ? `, service ${holder.service}` : ''}`;

const survivorLine = (one: Survivor): string =>
  `  pid ${one.pid} (${one.command})${one.service ? `, service ${one.service}` : ''}, state ${one.state}: ${one.evidence.join(', ')}`;

/** One service, and its last words. */
export const troubleLines = (trouble: ServiceTrouble): string[] => [
  `  ${trouble.name}: ${trouble.what}`,
  ...trouble.lastLog.map((line) => `    ${trouble.name} | ${line}`),
];
