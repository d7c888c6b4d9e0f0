/** The binary axis of freshness: services whose program was built again since they were started. */
import { relative } from 'node:path';
import { isWithin } from '../../core/paths.ts';
import type { Project } from '../../core/project.ts';
import type { ServiceState } from '../../core/service.ts';
import type { FreshnessReason, StatusReport } from '../../core/status.ts';
import type { ReplacedProgram } from '../../processes/running-program.ts';
import { descendants, replacedProgram } from '../../processes/running-program.ts';

/**
 * The service itself, wherever its program lies; what it started, where the program lies in the tree (`cargo run`), unless it
 * rebuilds and restarts that itself.
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
        is === 'replaced'
          ? 'was built again since the service started'
          : 'was deleted since the service started',
    }));
  });

/** A replaced program is stale whatever is known of the content. */
export const withPrograms = (
  content: StatusReport['freshness'],
  programs: readonly FreshnessReason[],
): StatusReport['freshness'] =>
  programs.length === 0
    ? content
    : { verdict: 'stale', reasons: [...programs, ...(content.verdict === 'stale' ? content.reasons : [])] };
