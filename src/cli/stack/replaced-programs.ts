/** Decides the binary axis of freshness: which services run a program that was rebuilt since they started. */
import { relative } from 'node:path';
import { isWithin } from '../../core/paths.ts';
import type { Project } from '../../core/project.ts';
import type { ServiceState } from '../../core/service.ts';
import type { FreshnessReason, StatusReport } from '../../core/status.ts';
import type { ReplacedProgram } from '../../processes/running-program.ts';
import { descendants, replacedProgram } from '../../processes/running-program.ts';

/**
 * Looks at the service itself, wherever its program lies, and at programs of the tree that it started (`cargo run`), unless it
 * rebuilds and restarts those itself.
 */
export const replacedPrograms = (
  { root, workTree }: Project,
  states: readonly ServiceState[],
  reloadsItself: (service: string) => boolean,
): readonly FreshnessReason[] =>
  states.flatMap(({ name, pid, isRunning }) => {
    if (!isRunning || pid === null) return [];
    const inTree = (one: ReplacedProgram | null): one is ReplacedProgram =>
      one !== null && (isWithin(root, one.path) || isWithin(workTree, one.path));
    const own = replacedProgram(pid);
    const found = [
      ...(own ? [own] : []),
      ...(reloadsItself(name) ? [] : descendants(pid)).map(replacedProgram).filter(inTree),
    ];
    const byPath = new Map(found.map((one) => [one.path, one]));
    return [...byPath.values()].map(({ path, is }): FreshnessReason => ({
      axis: 'binary',
      path: isWithin(root, path) ? relative(root, path) : path,
      service: name,
      detail:
        is === 'replaced' ? 'was rebuilt since the service started' : 'was deleted since the service started',
    }));
  });

/** A replaced program makes the stack stale, whatever is known about the content. */
export const withPrograms = (
  content: StatusReport['freshness'],
  programs: readonly FreshnessReason[],
): StatusReport['freshness'] =>
  programs.length === 0
    ? content
    : { verdict: 'stale', reasons: [...programs, ...(content.verdict === 'stale' ? content.reasons : [])] };
