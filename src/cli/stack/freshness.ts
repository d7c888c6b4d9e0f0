/** Decides whether what is running equals what is on disk: content against content, with the paths that differ. */
import { basename } from 'node:path';
import type { Content } from '../../core/content.ts';
import type { Failure } from '../../core/failure.ts';
import { isDiskFull } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { diffContent } from '../../core/freshness.ts';
import type { Verdict } from '../../core/health.ts';
import type { Fresh, FreshnessReason, StatusReport } from '../../core/status.ts';
import type { Role } from '../../core/service.ts';
import { readEnvironment } from '../../processes/evidence.ts';
import type { Definition, Instance } from '../../supervisor/port.ts';
import { readContent } from '../../watch/content-id/read-content.ts';
import type { Model } from './model.ts';
import type { Stack } from './open-stack.ts';
import { readApplied } from './state-records.ts';

export type Freshness = StatusReport['freshness'];

const unknown = (path: string, detail: string): Freshness => ({
  verdict: 'unknown',
  reasons: [{ axis: 'code', path, service: null, detail }],
});

/** A stack that somebody else started is `unknown`, never falsely fresh. `look`: a look at the tree that is already under way. */
export async function freshnessOf(
  stack: Stack,
  instance: Instance,
  { model, look }: { model: Result<Model>; look: Promise<Result<Content>> | null },
): Promise<Freshness> {
  if (!model.ok) {
    return {
      verdict: 'stale',
      reasons: [
        {
          axis: 'config',
          path: mainFile(stack),
          service: null,
          detail: stack.project.configFiles.length === 0 ? 'is gone' : 'does not evaluate',
        },
      ],
    };
  }
  const { definition } = model.value;
  if (runsAnother(stack, instance, definition)) {
    const detail = 'what is running was started from another evaluation';
    return { verdict: 'stale', reasons: [{ axis: 'config', path: mainFile(stack), service: null, detail }] };
  }
  if (instance.id === null)
    return unknown('.', 'started outside upkeep, so it is not known which content it runs');
  const applied = readApplied(stack.project, instance.id);
  if (!applied.ok) return unknown('applied.json', 'the record of the applied content cannot be read');
  if (applied.value === null) return unknown('.', 'there is no record of the content it was started from');
  const now = await (look ?? readContent(model.value.scope));
  if (!now.ok) return unknown('.', whyUnknown(now.failure));
  if (now.value.id === applied.value.id) return { verdict: 'fresh', reasons: [] };
  const sameMeaning = !definition.outdated && fingerprintOf(stack, instance) === definition.fingerprint;
  const reasons = diffContent(applied.value, now.value)
    .filter((change) => change.axis === 'code' || !sameMeaning)
    .map((change): FreshnessReason => ({
      axis: change.axis,
      path: change.path,
      service: null,
      detail: change.kind,
    }));
  return { verdict: reasons.length > 0 ? 'stale' : 'fresh', reasons };
}

function whyUnknown(failure: Failure): string {
  if (failure.reason === 'git-failed') return failure.message;
  if (isDiskFull(failure)) return 'there is no room on the disk to look at it';
  return failure.reason === 'state-unwritable' ? `${failure.path} cannot be written` : failure.reason;
}

/** If no file is left, this is what it was probably called. */
const defaultFile = 'process-compose.yaml';

const mainFile = ({ project }: Stack): string => basename(project.configFiles[0] ?? defaultFile);

/** Judged by the first process of each service: a later one may have entered another environment. */
function runsAnother(stack: Stack, { server }: Instance, { carried }: Definition): boolean {
  const names = Object.keys(carried);
  if (names.length === 0) return false;
  const services = stack.members(server).filter(({ row }) => row.parent === server.pid);
  return services.some(({ row }) => {
    const env = readEnvironment(row.pid) ?? {};
    return names.some((name) => env[name] !== undefined && env[name] !== carried[name]);
  });
}

export const fingerprintOf = (stack: Stack, instance: Instance): string | null =>
  stack.records().find((record) => record.id === instance.id)?.fingerprint ?? null;

/** The verdict for one service. What a `self` service runs cannot be proved, so it is `self`, never `fresh`. */
export function freshnessOfService(role: Role, verdict: Verdict, freshness: Freshness): Fresh {
  if (freshness.reasons.some((reason) => reason.axis === 'config')) return 'stale';
  // What does not run, and is not meant to, runs nothing old.
  if (verdict === 'disabled') return 'n/a';
  if (role === 'self') return 'self';
  if (role === 'store' || role === 'task') return 'n/a';
  return freshness.verdict;
}
