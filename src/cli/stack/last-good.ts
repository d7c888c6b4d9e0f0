/**
 * A configuration that evaluates and does not start (a manager that refuses it, a port that somebody took meanwhile) must not
 * leave nothing running: what was started last and answered comes back, and what is on disk counts as bad.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Content } from '../../core/content.ts';
import type { Failure } from '../../core/failure.ts';
import { explain } from '../../ui/explain.ts';
import type { Instance, Prepared } from '../../supervisor/port.ts';
import { spawnStack } from './bring-up.ts';
import type { Model } from './model.ts';
import { modelOf } from './model.ts';
import type { Stack } from './open-stack.ts';
import type { StartRecord } from './state-records.ts';
import { readLastApplied } from './state-records.ts';

/** What another configuration may not meet. Whatever else it is, it would meet the same. */
const isOfTheConfiguration: ReadonlySet<Failure['reason']> = new Set<Failure['reason']>([
  'server-exited',
  'endpoint-absent',
  'endpoint-refused',
  'command-failed',
  'port-taken',
]);

export interface GoBack {
  /** What would not start, and what it said. */
  readonly prepared: Prepared;
  readonly failure: Failure;
  /** What ran before; null: it had crashed. */
  readonly instance: Instance | null;
  readonly start: StartRecord;
  readonly endpoint: Parameters<typeof spawnStack>[1]['endpoint'];
  /** What is on disk. */
  readonly content: Content | null;
  readonly onProgress: (line: string) => void;
}

export interface WentBack {
  readonly instance: Instance;
  readonly model: Model;
  readonly content: Content | null;
  /** `stack-config-bad`, in the words of what would not start. */
  readonly failure: Failure;
}

/** null: there is nothing to go back to, or it does not start, either. The stack must be verified down. */
export async function goBack(stack: Stack, ask: GoBack): Promise<WentBack | null> {
  const { instance, start, failure } = ask;
  // Somebody else's start is known to nobody.
  if (!isOfTheConfiguration.has(failure.reason) || instance?.owner === 'external') return null;
  const request = { env: start.env, runningBinary: null, like: start.argv, onProgress: ask.onProgress };
  const good = await stack.supervisor.lastGood?.(request, instance?.id ?? null);
  if (!good || good.definition.fingerprint === ask.prepared.definition.fingerprint) return null;
  // upkeep.yaml may name what only the new one has.
  const model = await modelOf(stack, { ...good.definition, outdated: true });
  if (!model.ok) return null;
  ask.onProgress('it does not start: going back to the last good configuration …');
  const content = asBefore(readLastApplied(stack.project), ask.content);
  const { endpoint, onProgress } = ask;
  const files = good.copies;
  const spawned = await spawnStack(stack, {
    prepared: good,
    model: model.value,
    start,
    files,
    endpoint,
    content,
    onProgress,
  });
  if (!spawned.ok) return null;
  return { instance: spawned.value, model: model.value, content, failure: badly(stack, ask) };
}

/** The configuration of before, on the sources of now. */
function asBefore(before: Content | null, now: Content | null): Content | null {
  if (!before || !now) return null;
  const id = createHash('sha256').update(`${before.id} ${now.id}`).digest('hex');
  return { id, config: before.config, code: now.code };
}

function badly({ project }: Stack, { failure, prepared }: GoBack): Failure {
  const [file = join(project.root, project.configFiles[0] ?? '')] = prepared.definition.inputs;
  const message = `it evaluates, but does not start: ${explain(failure).join('\n')}`;
  return { reason: 'stack-config-bad', problems: [{ file, message }], untouched: false, starts: false };
}
