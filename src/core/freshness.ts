/** Decides what differs between the content that was applied and the content on disk. */
import type { Content, ContentChange, ContentList } from './content.ts';

/** The value of a named input that does not exist. It counts like no entry at all, also for the id. */
export const absent = 'absent';

/** What happened from `applied` to `now`: configuration first, then code, each by path. Empty iff the ids are equal. */
export function diffContent(applied: Content, now: Content): ContentChange[] {
  if (applied.id === now.id) return [];
  return [...diffLists('config', applied.config, now.config), ...diffLists('code', applied.code, now.code)];
}

function diffLists(axis: ContentChange['axis'], before: ContentList, after: ContentList): ContentChange[] {
  const changes: ContentChange[] = [];
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const old = before.get(path) ?? absent;
    const value = after.get(path) ?? absent;
    if (old === value) continue;
    changes.push({ axis, path, kind: old === absent ? 'added' : value === absent ? 'removed' : 'changed' });
  }
  return changes.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
