/** Decides what counts as applied: the content that the running instance was started on, or was first seen with. */
import { createHash } from 'node:crypto';
import type { Content } from '../../core/content.ts';
import type { CheckResult } from '../../core/controller/event.ts';
import { diffContent } from '../../core/freshness.ts';
import type { Instance } from '../../supervisor/port.ts';
import type { Stack } from '../stack/open-stack.ts';
import { readApplied, writeApplied } from '../stack/state-records.ts';

export interface Applied {
  /** null: not known yet; the next content that is seen becomes the baseline. */
  content: Content | null;
  fingerprint: string | null;
}

/** From the records; for somebody else's instance, or after a lost record, the first content seen becomes the baseline. */
export function appliedOf(stack: Stack, instance: Instance | null): Applied {
  if (instance === null) return { content: null, fingerprint: null };
  const record = stack.records().find((one) => one.id === instance.id);
  const read = instance.id === null ? null : readApplied(stack.project, instance.id);
  return { content: read?.ok ? read.value : null, fingerprint: record?.fingerprint ?? null };
}

/** The first content seen differs in nothing by definition: an unknown baseline is no reason to restart. */
export function compare(applied: Applied, now: Content): CheckResult {
  applied.content ??= now;
  const changes = now.id === applied.content.id ? [] : diffContent(applied.content, now);
  return {
    id: now.id,
    configId: createHash('sha256')
      .update(JSON.stringify([...now.config]))
      .digest('hex'),
    configChanged: changes.some((change) => change.axis === 'config'),
    codeChanged: changes.some((change) => change.axis === 'code'),
    paths: [...new Set(changes.map((change) => change.path))],
  };
}

/** The content counts as applied without a restart: its configuration means what already runs. */
export function adopt(stack: Stack, applied: Applied, instance: Instance | null, content: Content): void {
  applied.content = content;
  if (instance?.id) writeApplied(stack.project, instance.id, content);
}
