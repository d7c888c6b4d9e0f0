/** Finds everything that is wrong in the files, with its place; process-compose names one at a time, usually without a line. */
import type { ConfigProblem } from '../../../core/failure.ts';
import { dependencyProblems } from './dependencies.ts';
import { loadFiles } from './load-files.ts';
import { locateMessage } from './locate-message.ts';
import { mergeFiles } from './project.ts';
import { checkFile } from './schema.ts';

/**
 * In the order of the files. `files`: absolute, the primary one first. `message`: what process-compose said, which is always
 * covered by the result, at its place if that can be found. Never throws; only reads.
 */
export async function findProblems(
  files: readonly string[],
  message?: string,
): Promise<readonly ConfigProblem[]> {
  const loaded = await loadFiles(files);
  const problems: ConfigProblem[] = [...loaded.problems];
  // If a file does not parse, only that is reported: what seems to be missing may just not have been read.
  if (problems.length === 0) {
    for (const { path, tree } of loaded.files) {
      if (!tree) continue;
      checkFile(tree, (place, text, hint) => {
        problems.push({ file: path, ...place, message: text, ...(hint === undefined ? {} : { hint }) });
      });
    }
    problems.push(...dependencyProblems(mergeFiles(loaded.files), loaded.files));
  }
  const order = loaded.files.map(({ path }) => path);
  problems.sort(
    (a, b) =>
      order.indexOf(a.file) - order.indexOf(b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
  return message === undefined ? problems : withMessage(problems, message, files, loaded.files);
}

/** Where both mean the same place, our message is better than its own. */
function withMessage(
  problems: readonly ConfigProblem[],
  message: string,
  files: readonly string[],
  loaded: Parameters<typeof locateMessage>[1],
): readonly ConfigProblem[] {
  // What its parser rejects, ours or the type check rejects on the same lines.
  if (/^yaml: |cannot unmarshal|already defined at line/m.test(message) && problems.length > 0)
    return problems;
  const located = locateMessage(message, loaded);
  const isKnown = (at: ConfigProblem): boolean =>
    problems.some(({ file, line }) => file === at.file && line === at.line) ||
    (/circular/.test(message) && problems.some((problem) => problem.message.includes('circular')));
  if (located) return isKnown(located) ? problems : [located, ...problems];
  const quoted = /"([^"]+)"/.exec(message)?.[1];
  if (quoted !== undefined && problems.some((problem) => problem.message.includes(quoted))) return problems;
  const read = problems.find((problem) =>
    /does not exist|is a directory|is not a regular file|cannot be read|is loaded already/.test(
      problem.message,
    ),
  );
  return read ? problems : [{ file: files[0] ?? '', message }, ...problems];
}
