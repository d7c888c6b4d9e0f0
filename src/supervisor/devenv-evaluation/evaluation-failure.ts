/** Decides what a failed evaluation means: words in a file are wrong, or something broke that heals without an edit. */
import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { ConfigProblem, Failure } from '../../core/failure.ts';
import type { Complaint } from './complaint.ts';
import { complaintsIn } from './complaint.ts';
import { placeOfOption } from './option-place.ts';

export interface FailedCommand {
  /** `devenv print-dev-env`, for people. */
  readonly command: string;
  /** null: ended by a signal, or it could not be started. */
  readonly exitCode: number | null;
  readonly stderr: string;
}

/** Reads the files to find places, runs nothing. */
export function evaluationFailure(root: string, failed: FailedCommand): Failure {
  const { command, exitCode } = failed;
  const complaints = complaintsIn(failed.stderr);
  const text = complaints.map(({ message }) => message).join('\n');
  const broke = (message: string, advice: string): Failure => ({
    reason: 'evaluation-broke',
    command,
    message,
    advice,
  });
  const [first] = complaints;
  if (knowsNot(failed)) return broke(text || 'it does not know the command', tooOld);
  for (const [pattern, advice] of troubles) if (pattern.test(text)) return broke(text, advice);
  if (exitCode === null)
    return broke(text || 'it was killed', 'Was it out of memory? `dmesg` tells. Then run the command again.');
  if (!first)
    return broke(`it ended with ${exitCode} and said nothing`, `Run \`${command}\` by hand to see more.`);
  const problems = complaints.map((complaint) => problemOf(root, complaint));
  return { reason: 'stack-config-bad', problems, untouched: true };
}

/** Those before 1.0, and the one that a flake brings along, print their usage in place of an error. */
const knowsNot = ({ exitCode, stderr }: FailedCommand): boolean =>
  (exitCode === 2 &&
    /unrecognized subcommand|unexpected argument|wasn't expected|Found argument/.test(stderr)) ||
  (exitCode !== 0 && /^\s*Usage:\s+devenv command\b/m.test(stderr));

const tooOld =
  'This devenv is too old (or too new) for that: `devenv version` tells, and 1.0 to 2.2 are known to work. Until then `devenv up` starts the processes; `upkeep status`, `logs`, `attach` and `stop` work on what it started.';

/** What another try may mend. Only the reason itself is searched: a cache that cannot be reached is mentioned in passing, too. */
const troubles: readonly (readonly [RegExp, string])[] = [
  [
    /could(?: not|n't) resolve host|unable to download|failed to (?:connect|download|fetch)|connection (?:timed out|refused|reset)|network is unreachable|timeout was reached|name resolution|SSL (?:connect|peer)/i,
    'The evaluation needs the network: run the command again when there is one.',
  ],
  [
    /no space left on device|disk (?:is )?full|disk quota exceeded|ENOSPC/i,
    'Make room: `df` and `df -i` tell on which disk (the store, which `nix-collect-garbage` frees, or that of .devenv or TMPDIR). Then run the command again.',
  ],
  [
    /database is (?:locked|busy)|resource temporarily unavailable|another process (?:is|holds)|waiting for .*lock/i,
    'Another devenv or Nix is at work: run the command again when it has ended.',
  ],
  [
    /cannot connect to (?:the )?(?:nix )?(?:daemon|socket)|daemon-socket|opening lock file .*permission denied/i,
    'The Nix daemon does not answer: `systemctl status nix-daemon` tells more.',
  ],
  [
    /cannot determine user's home directory/i,
    'Nix needs a home: set HOME to a directory of this user, then run the command again.',
  ],
];

function problemOf(root: string, complaint: Complaint): ConfigProblem {
  const { message, place, option } = complaint;
  const file = fileOf(root, place?.path ?? null, message);
  const told =
    place && place.line !== null
      ? { line: place.line, ...(place.column === null ? {} : { column: place.column }) }
      : null;
  const found = told ?? (option === null ? null : placeOfOption(file, option));
  const hint = complaint.hint ?? hintFor(message);
  return { file, ...found, message, ...(hint === null ? {} : { hint }) };
}

/** A path in a copy of the project means the file that a person edits. */
function fileOf(root: string, told: string | null, message: string): string {
  const named = told ?? /File (devenv\.\S+) does not exist/.exec(message)?.[1] ?? null;
  if (named === null) return join(root, /secret/i.test(message) ? 'devenv.yaml' : 'devenv.nix');
  const inCopy = /^\/nix\/store\/[^/]+\/(.+)$/.exec(named)?.[1];
  const original =
    inCopy === undefined ? undefined : [join(root, inCopy), `/${inCopy}`].find((path) => existsSync(path));
  if (original !== undefined) return original;
  return isAbsolute(named) ? named : resolve(root, named);
}

function hintFor(message: string): string | null {
  if (/secretspec|missing (?:required )?secrets?/i.test(message))
    return '`secretspec check` asks for what is missing';
  if (/lock file|devenv\.lock/i.test(message)) return '`devenv update` writes it anew';
  if (noProcesses.test(message)) return 'declare one, such as `processes.web.exec = "…";`';
  if (message.startsWith('File devenv.nix does not exist')) return '`devenv init` writes one';
  return null;
}

/** The last: what the modules of 1.11.2 say. */
export const noProcesses =
  /no 'processes' option defined|no processes defined|option [`'‘]procfileScript['’].*(?:not defined|does not exist|no value)|attribute [`'‘]procfileScript['’] missing|option [`'‘]process\.managers\.process-compose\.configFile['’] was accessed but has no value/i;
