/**
 * Our directory watcher: one fs.watch per directory, including new ones. It gives hints, which may be wrong about single files.
 *
 *   event ─▶ lstat the path ─▶ gone: drop its subtree, hint
 *                           ├▶ directory, new or of another identity: drop, watch, read, recurse; read again after 20 ms
 *                           └▶ file or link: hint
 *
 * Not a library: those that were measured lose directories for good, or need 0.6 GB for 100k files.
 */
import type { FSWatcher } from 'node:fs';
import { readdirSync, watch } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { changedMs, hasBirthTime, identityOf } from './identity.ts';
import type { Burst } from './overflow.ts';
import { countBursts } from './overflow.ts';
import { fsPath, textOfBytes } from './path-text.ts';
import { peekExactly } from './peek.ts';
import type { Prune } from './prune.ts';

export interface TreeChange {
  /** Relative to the root of the tree; '' is the root itself. */
  readonly path: string;
  readonly directory: boolean;
  readonly changedMs: number;
}

export interface TreeOptions {
  /** Absolute. May vanish and come back. */
  readonly root: string;
  readonly prune: Prune;
  readonly onChange: (change: TreeChange) => void;
  /** The kernel has no watch left (ENOSPC) or no instance (EMFILE): everything was dropped, nothing more will come. */
  readonly onTrouble: (code: string) => void;
  /** Events were probably lost. */
  readonly onOverflow: () => void;
}

export interface TreeWatch extends Disposable {
  /** When the whole tree is watched. Never rejects. */
  readonly ready: Promise<void>;
  /** How many directories are watched. */
  size(): number;
  /** Stops watching this directory (relative) and everything below it. */
  drop(dir: string): void;
}

interface Watched {
  readonly watcher: FSWatcher;
  readonly identity: string;
  readonly children: Set<string>;
}

const secondReadMs = 20;
const rootRetryMs = 500;
const outOfWatches = new Set(['ENOSPC', 'EMFILE', 'ENFILE']);

export function watchTree(options: TreeOptions): TreeWatch {
  const { root, prune, onChange } = options;
  const watched = new Map<string, Watched>();
  const toAdopt: string[] = [];
  const timers = new Set<NodeJS.Timeout>();
  const burst: Burst = countBursts(options.onOverflow);
  let live = false;
  let closed = false;
  let adopting = false;

  const absolute = (path: string): string => (path === '' ? root : `${root}/${path}`);
  const below = (dir: string, name: string): string => (dir === '' ? name : `${dir}/${name}`);

  function later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  }

  function drop(dir: string): void {
    const node = watched.get(dir);
    if (!node) return;
    watched.delete(dir);
    node.watcher.close();
    for (const name of node.children) drop(below(dir, name));
    const cut = dir.lastIndexOf('/');
    if (dir !== '') watched.get(cut < 0 ? '' : dir.slice(0, cut))?.children.delete(dir.slice(cut + 1));
  }

  /** A queue, not a recursion: a tree of 10k directories must not block the event loop. */
  async function adoptAll(): Promise<void> {
    if (adopting) return;
    adopting = true;
    for (let count = 1; toAdopt.length > 0; count += 1) {
      adopt(toAdopt.pop() as string);
      if (count % 250 === 0) await breathe();
    }
    adopting = false;
  }

  function adopt(dir: string): void {
    const info = closed ? null : peekExactly(fsPath(absolute(dir)));
    if (!info?.isDirectory()) return;
    const identity = identityOf(info);
    if (watched.get(dir)?.identity === identity) return;
    drop(dir);
    let watcher: FSWatcher;
    try {
      watcher = watch(fsPath(absolute(dir)), { encoding: 'buffer' }, (kind, name) => {
        const node = watched.get(dir);
        if (node?.watcher === watcher) notice(dir, node, kind, name);
      });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      if (outOfWatches.has(code)) giveUp(code);
      return; // gone again, or not readable
    }
    const node: Watched = { watcher, identity, children: new Set() };
    watched.set(dir, node);
    const cut = dir.lastIndexOf('/');
    if (dir !== '') watched.get(cut < 0 ? '' : dir.slice(0, cut))?.children.add(dir.slice(cut + 1));
    watcher.on('error', () => drop(dir));
    read(dir, node);
    if (!live) return;
    later(secondReadMs, () => {
      if (watched.get(dir) === node) read(dir, node);
      void adoptAll();
    });
  }

  /** Queues the directories below that are not watched yet; once the tree is live, everything found is new. */
  function read(dir: string, node: Watched): void {
    if (prune(dir) === 'shallow') return;
    for (const entry of list(absolute(dir))) {
      const path = below(dir, textOfBytes(entry.name));
      if (entry.isDirectory()) {
        if (prune(path) !== 'skip' && !node.children.has(textOfBytes(entry.name))) toAdopt.push(path);
      } else if (live) hintAt(path);
    }
  }

  function hintAt(path: string): void {
    const info = peekExactly(fsPath(absolute(path)));
    onChange({
      path,
      directory: info?.isDirectory() ?? false,
      changedMs: info ? changedMs(info) : Date.now(),
    });
  }

  function notice(dir: string, node: Watched, kind: string, raw: Buffer | null): void {
    burst.count();
    const name = raw === null ? null : textOfBytes(raw);
    // A directory's own end is reported under its own name, as if it were a child.
    if (name === null || name === basename(absolute(dir))) checkSelf(dir, node);
    if (name === null || closed) return;
    if (watched.get(dir) !== node) {
      // It was its own end: no child of that name was ever there.
      if (dir !== '') onChange({ path: dir, directory: true, changedMs: Date.now() });
      return;
    }
    const path = below(dir, name);
    const info = peekExactly(fsPath(absolute(path)));
    if (!info) {
      drop(path);
      onChange({ path, directory: false, changedMs: Date.now() });
    } else if (!info.isDirectory()) {
      drop(path);
      onChange({ path, directory: false, changedMs: changedMs(info) });
    } else if (prune(dir) !== 'shallow' && prune(path) !== 'skip') {
      const same = watched.get(path)?.identity === identityOf(info);
      if (same && (hasBirthTime(info) || kind === 'change')) return; // its mode or owner
      drop(path);
      onChange({ path, directory: true, changedMs: changedMs(info) });
      toAdopt.push(path);
      void adoptAll();
    }
  }

  function checkSelf(dir: string, node: Watched): void {
    const info = peekExactly(fsPath(absolute(dir)));
    if (info && identityOf(info) === node.identity) {
      read(dir, node);
    } else {
      drop(dir);
      if (dir === '') lostRoot();
      else toAdopt.push(dir);
    }
    void adoptAll();
  }

  function lostRoot(): void {
    if (closed || watched.has('')) return;
    onChange({ path: '', directory: true, changedMs: Date.now() });
    toAdopt.push('');
    void adoptAll().then(() => {
      if (!watched.has('')) later(rootRetryMs, lostRoot);
    });
  }

  function giveUp(code: string): void {
    close();
    options.onTrouble(code);
  }

  function close(): void {
    closed = true;
    toAdopt.length = 0;
    for (const timer of timers) clearTimeout(timer);
    for (const { watcher } of watched.values()) watcher.close();
    watched.clear();
    burst[Symbol.dispose]();
  }

  toAdopt.push('');
  const ready = adoptAll().then(() => {
    live = true;
    if (!watched.has('')) lostRoot();
  });
  return { ready, size: () => watched.size, drop, [Symbol.dispose]: close };
}

function list(path: string) {
  try {
    return readdirSync(fsPath(path), { withFileTypes: true, encoding: 'buffer' });
  } catch {
    return [];
  }
}
