/** Finds the place in the files that a message of process-compose is about; it gives a line only for parser errors. */
import { readFileSync } from 'node:fs';
import type { ConfigProblem } from '../../../core/failure.ts';
import type { PositionedEntry } from '../../../core/positioned.ts';
import { entryOf, valueAt } from '../../../core/positioned.ts';
import type { LoadedFile } from './load-files.ts';

/** null: the message names nothing that can be found. `message` is one line of what process-compose said. */
export function locateMessage(message: string, files: readonly LoadedFile[]): ConfigProblem | null {
  const at = (entry: { path: string; entry: PositionedEntry } | null): ConfigProblem | null =>
    entry && { file: entry.path, ...entry.entry.place, message };
  const find = (key: string, ...parents: readonly string[]) => {
    for (const { path, tree } of files.toReversed()) {
      const entry = entryOf(valueAt(tree ?? undefined, ...parents), key);
      if (entry) return { path, entry };
    }
    return null;
  };
  const parsed = /^(?:yaml: )?line (\d+): (.*)$/.exec(message);
  const [only, second] = files;
  if (parsed?.[1] && parsed[2] && only && !second)
    return { file: only.path, line: Number(parsed[1]), message: parsed[2] };
  const wait = /dependency defined in '([^']+)'.* in '([^']+)'/.exec(message);
  if (wait?.[1] && wait[2]) return at(find(wait[2], 'processes', wait[1], 'depends_on'));
  const inProcess = /'([^']+)'.* in (?:process )?'([^']+)'/.exec(message);
  if (inProcess?.[1] && inProcess[2]) {
    const [, what, name] = inProcess;
    const wrong =
      find(what, 'processes', name) ?? find(what, 'processes', name, 'depends_on') ?? find(name, 'processes');
    return at(wrong);
  }
  const field = /Unknown field '([^']+)'/.exec(message)?.[1];
  if (field !== undefined) return at(find(field));
  const level = /unknown log level/.test(message) ? find('log_level') : null;
  if (level) return at(level);
  const process = /(?:in|for process|process) '?([\w.-]+)'?(?::| |$)/.exec(message)?.[1];
  if (process !== undefined) return at(find(process, 'processes'));
  return /closing brace|substitution|bad substitution/.test(message) ? unclosed(message, files) : null;
}

/** `${` without its `}`: the text is searched, for it may stand in a comment, where it counts too. */
function unclosed(message: string, files: readonly LoadedFile[]): ConfigProblem | null {
  for (const { path } of files) {
    const text = readFileSync(path, 'utf8').replaceAll('$$', '  ');
    const match = /\$\{[^}\n]*(?:\n|$)/.exec(text);
    if (match) {
      const before = text.slice(0, match.index).split('\n');
      const hint = 'close it with `}`, or write `$${` where the shell is meant';
      return { file: path, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message, hint };
    }
  }
  return null;
}
