/** Measures how much of inotify this user has in use, and the limits: a watcher without room has to poll. */
import { readFileSync } from 'node:fs';
import type { InotifyFacts } from '../core/doctor.ts';
import { readDescriptors } from './descriptors.ts';
import { readTable } from './table.ts';

/** Counts the watches of every process of our uid, 1–2 ms for each that has any; null where there is no inotify. */
export function readInotify(): Omit<InotifyFacts, 'directories'> | null {
  const watches = limit('max_user_watches');
  const instances = limit('max_user_instances');
  if (watches === null || instances === null) return null;
  const used = { watches: 0, instances: 0 };
  const uid = process.getuid?.() ?? -1;
  for (const row of readTable()) {
    if (row.uid !== uid) continue;
    for (const { fd, link } of readDescriptors(row.pid)) {
      if (link !== 'anon_inode:inotify') continue;
      used.instances += 1;
      used.watches += count(row.pid, fd);
    }
  }
  return { used, limits: { watches, instances } };
}

function limit(name: string): number | null {
  try {
    return Number(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'));
  } catch {
    return null;
  }
}

function count(pid: number, fd: number): number {
  try {
    return readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8').split('inotify wd:').length - 1;
  } catch {
    return 0; // closed meanwhile
  }
}
