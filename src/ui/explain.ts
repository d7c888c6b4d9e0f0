/** Puts every failure into words: what happened, where, and the next move. All these texts are here, to be read together. */
import type { Failure } from '../core/failure.ts';
import { isDiskFull } from '../core/failure.ts';
import { seconds } from './duration.ts';
import {
  holderLine,
  notReady,
  problemLine,
  recordMove,
  recordText,
  survivorLine,
  troubleLines,
} from './failure-lines.ts';
import { portLines } from './port-view.ts';

/** The same for a failure that stops nothing: it says what applies meanwhile, instead of what was not done. */
export function explainWarning(failure: Failure): readonly string[] {
  const lines = explain(failure);
  if (failure.reason === 'settings-invalid')
    return [...lines.slice(0, -1), 'The defaults apply until it is fixed.'];
  if (isDiskFull(failure))
    return [...lines.slice(0, -1), 'It goes on without; make room before the next start.'];
  if (failure.reason === 'stack-config-bad' && failure.untouched)
    return [
      ...lines.slice(0, -1),
      'What is running keeps running; nothing can be started until it is fixed.',
    ];
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
    case 'settings-invalid':
      return [
        'upkeep.yaml has problems:',
        ...failure.problems.map(problemLine),
        'Nothing was changed. Fix it and run the command again; `upkeep stop` and `upkeep status` work meanwhile.',
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
        `cannot get ${failure.program}:`,
        ...failure.tried.map((place) => `  tried: ${place}`),
        failure.detail,
      ];
    case 'command-failed':
      return [
        `\`${failure.argv.join(' ')}\` ${failure.exitCode === null ? 'could not be run' : `ended with ${failure.exitCode}`}:`,
        failure.stderr.trim(),
      ];
    case 'command-timeout':
      return [
        `\`${failure.argv.join(' ')}\` took longer than ${seconds(failure.timeoutMs)} and was ended.`,
        'Run it by hand to see what it waits for.',
      ];
    case 'evaluation-broke':
      return [
        `\`${failure.command}\` broke off: ${failure.message}`,
        `Nothing was touched. ${failure.advice}`,
      ];
    case 'git-failed':
      return [
        `git could not read ${failure.root}: ${failure.message}`,
        '`git status` there shows the same; `upkeep doctor` checks what else upkeep needs.',
      ];
    case 'state-unwritable':
      return isDiskFull(failure)
        ? [
            `cannot write ${failure.path}: its disk is full (${failure.code}).`,
            'Make room there (`df` and `df -i` tell of what), then run the command again. What runs goes on, and `upkeep stop` stops it.',
          ]
        : [
            `cannot write ${failure.path} (${failure.code}).`,
            'upkeep keeps its records there: give this user write access, or run it where that directory can be written.',
          ];
    case 'record-invalid':
      return [recordText(failure), `It was ignored and left as it is. ${recordMove(failure)}`];
    case 'descriptor-limit':
      return [
        `no more than ${failure.limit} files can be open at once here, and upkeep needs ${failure.needed}.`,
        'Raise the limit (`ulimit -n`, or `nofile` of the container), then run the command again.',
      ];
    case 'root-vanished':
      return [
        `${failure.root} is not a directory.`,
        '`-C DIR` names the directory of a project. What was started there before it was moved or removed is still found: `upkeep status`, `upkeep stop`.',
      ];
    case 'socket-path-too-long':
      return [
        `the socket path ${failure.path} is longer than ${failure.limit} bytes, which is all that the system allows.`,
        '`upkeep stop` and then `upkeep start` choose a shorter one; with devenv, set a shorter XDG_RUNTIME_DIR.',
      ];
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
        `the supervisor at ${failure.endpoint} closed the connection (${failure.detail}): it was stopped, or it crashed.`,
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
      return [
        `the supervisor at ${failure.endpoint} refused (${failure.status}): ${failure.message}`,
        '`upkeep status` says what is true.',
      ];
    case 'instance-foreign':
      if (failure.inProject)
        return [
          `somebody else started this stack in the same moment: pid ${failure.pid} answers at ${failure.endpoint}.`,
          'It was left running, and this start was undone. `upkeep status` shows it, `upkeep restart` replaces it.',
        ];
      return [
        `${failure.endpoint} belongs to something else${failure.pid === null ? '' : `: pid ${failure.pid}`}${failure.command ? ` (${failure.command})` : ''}${failure.cwd ? ` in ${failure.cwd}` : ''}.`,
        'It was not touched. Stop it there, or give this project another `endpoint:` in upkeep.yaml.',
      ];
    case 'two-servers':
      return [
        `somebody else started this stack in the same moment: pid ${failure.pid} took ${failure.endpoint} too.`,
        'Both run, and neither is whole. `upkeep restart` ends both and starts one.',
      ];
    case 'port-taken':
      return [
        ...(failure.reports?.flatMap(portLines) ?? failure.holders.map(holderLine)),
        'Nothing was started. Stop that process, or change the port of the service.',
      ];
    case 'inside-stack':
      return [
        `this command runs inside ${failure.service === null ? 'the stack' : `the service ${failure.service}`} (pid ${failure.pid}, ${failure.command}): a stop would end it halfway.`,
        'Nothing was touched. Run it from a terminal outside the stack.',
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
        `${failure.holder} is working on this project and did not finish within ${seconds(failure.timeoutMs)}.`,
        '`--timeout SECONDS` waits longer.',
      ];
    case 'server-exited':
      return [
        `the supervisor ended before it answered${failure.exitCode === null ? '' : ` (exit code ${failure.exitCode})`}${failure.signal ? ` (${failure.signal})` : ''}.`,
        ...failure.log.map((line) => `  ${line}`),
        failure.log.some((line) => /no space left on device|disk quota exceeded/i.test(line))
          ? 'Make room there (`df` and `df -i` tell of what), then run the command again.'
          : '`upkeep doctor` checks everything that a start needs, and `upkeep start` tries again.',
      ];
    case 'server-unreachable':
      return [
        `the supervisor (pid ${failure.pid}) lives, but nothing answers at ${failure.endpoint}: its socket was removed.`,
        '`upkeep restart` ends it and starts the stack again, `upkeep stop` only ends it.',
      ];
    case 'not-ready':
      return [
        notReady(failure),
        ...failure.services.flatMap(troubleLines),
        'The services were left as they are. `upkeep logs NAME` shows more.',
      ];
    case 'old-generation-alive':
      return [
        'the services report ready, but processes of the old stack are still there:',
        ...failure.survivors.map(survivorLine),
        '`upkeep restart` ends them.',
      ];
    case 'timeout':
      return [
        `--timeout: ${seconds(failure.timeoutMs)} went by while ${failure.doing}.`,
        ...failure.services.flatMap(troubleLines),
        'The services were left as they are. `upkeep status` shows how they get on.',
      ];
    case 'survivors':
      return [
        'some processes could not be ended:',
        ...failure.survivors.map(survivorLine),
        ...failure.ports.map(holderLine),
        '`upkeep stop` tries again; `upkeep ps` lists what is left.',
      ];
    case 'wrong-user':
      return [
        `${failure.root} belongs to ${failure.owner}, and this is sudo.`,
        `Run it as ${failure.owner}, without sudo: ${failure.owner} could not stop what root started.`,
      ];
    case 'not-implemented':
      return [`${failure.what} is not supported yet.`, failure.instead];
    case 'superseded':
      return ['another command has already brought the stack up on this content.'];
    case 'interrupted':
      return ['interrupted.', ...(failure.left ? [leftWords[failure.left]] : [])];
    case 'unexpected':
      return [`a bug in upkeep: ${failure.message}`, failure.stack, 'Please report it with these lines.'];
  }
}

const leftWords = {
  untouched: 'Nothing was touched.',
  down: 'Nothing is left of what it began, and the stack is down: `upkeep start` starts it.',
  starting: 'The stack goes on starting: `upkeep status` shows it, `upkeep stop` ends it.',
};
