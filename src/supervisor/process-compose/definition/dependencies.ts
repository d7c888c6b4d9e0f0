/** Finds what is wrong between processes, in the whole project: unknown names, circular dependencies, waits that cannot end. */
import type { ConfigProblem } from '../../../core/failure.ts';
import { suggestion } from '../../../core/nearest.ts';
import { entryOf, valueAt } from '../../../core/positioned.ts';
import type { LoadedFile } from './load-files.ts';
import type { Plain } from './merge.ts';
import { isPlain } from './merge.ts';
import type { PlainProject } from './project.ts';
import { isDisabled, maybeText } from './values.ts';

/** One problem for each wrong dependency and one for each cycle, at the key under `depends_on`. */
export function dependencyProblems(
  project: PlainProject,
  files: readonly LoadedFile[],
): readonly ConfigProblem[] {
  const { processes } = project;
  const names = Object.keys(processes);
  const problems: ConfigProblem[] = [];
  for (const [name, process] of Object.entries(processes)) {
    for (const [on, how] of dependsOn(process)) {
      const at = placeOf(files, name, on);
      const wrong = Object.hasOwn(processes, on)
        ? uselessWait(name, process, on, processes[on] ?? {}, how)
        : { message: `\`${name}\` depends on \`${on}\`, which is not defined`, hint: suggestion(on, names) };
      if (wrong) problems.push({ ...at, ...wrong });
    }
  }
  for (const cycle of cyclesIn(processes)) {
    const [first = '', second = first] = cycle;
    const way = [...cycle, first].map((name) => `\`${name}\``).join(' → ');
    problems.push({ ...placeOf(files, first, second), message: `circular dependency: ${way}` });
  }
  return problems;
}

function uselessWait(
  name: string,
  process: Plain,
  on: string,
  target: Plain,
  condition: string | null,
): Pick<ConfigProblem, 'message' | 'hint'> | null {
  if (isDisabled(target) && !isDisabled(process)) {
    return { message: `\`${name}\` depends on \`${on}\`, which is disabled` };
  }
  if (
    condition === 'process_healthy' &&
    !isPlain(target['readiness_probe']) &&
    !isPlain(target['liveness_probe'])
  ) {
    return {
      message: `\`${name}\` waits for \`${on}\` to be healthy, but \`${on}\` has no readiness_probe`,
      hint: `give \`${on}\` a readiness_probe, or wait for process_started`,
    };
  }
  if (condition === 'process_log_ready' && maybeText(target['ready_log_line']) === null) {
    return { message: `\`${name}\` waits for a log line of \`${on}\`, but \`${on}\` has no ready_log_line` };
  }
  return null;
}

const dependsOn = (process: Plain): readonly (readonly [string, string | null])[] =>
  isPlain(process['depends_on'])
    ? Object.entries(process['depends_on']).map(([on, how]) => [
        on,
        isPlain(how) ? maybeText(how['condition']) : null,
      ])
    : [];

/** Each cycle once, as the names along it. Depth first; a name that is done is on no further cycle. */
function cyclesIn(processes: PlainProject['processes']): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  const done = new Set<string>();
  const visit = (name: string, way: readonly string[]): void => {
    const start = way.indexOf(name);
    if (start !== -1) found.push(way.slice(start));
    else if (!done.has(name)) {
      for (const [on] of dependsOn(processes[name] ?? {}))
        if (Object.hasOwn(processes, on)) visit(on, [...way, name]);
      done.add(name);
    }
  };
  for (const name of Object.keys(processes)) visit(name, []);
  return found;
}

/** Later files override earlier ones, so the place in the last file is shown. */
function placeOf(
  files: readonly LoadedFile[],
  process: string,
  on: string,
): Pick<ConfigProblem, 'file' | 'line' | 'column'> {
  for (const { path, tree } of files.toReversed()) {
    const entry = entryOf(valueAt(tree ?? undefined, 'processes', process, 'depends_on'), on);
    if (entry) return { file: path, ...entry.place };
  }
  return { file: files.at(-1)?.path ?? '' };
}
