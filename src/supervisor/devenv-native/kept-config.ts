/**
 * What `devenv up -d` hands to the daemon that it starts, kept: with it the same stack starts again without an evaluation, when
 * a save broke the files meanwhile or devenv itself fails. devenv removes the file as soon as the daemon has read it.
 */
import { closeSync, openSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RecordKind } from '../../io/records.ts';
import { readRecord, writeRecord } from '../../io/records.ts';

/** It holds an environment: 0600, like the record of the start. */
export interface KeptConfig {
  readonly schema: 1;
  /** What it was evaluated to. */
  readonly taskFile: string;
  readonly shell: string;
  /** The marker of the instance that it was written for. */
  readonly marker: string;
  readonly text: string;
}

const kind: RecordKind<KeptConfig> = {
  schema: 1,
  check: (value): value is KeptConfig => {
    const record = value as Partial<Record<keyof KeptConfig, unknown>> | null;
    const texts = [record?.taskFile, record?.shell, record?.marker, record?.text];
    return texts.every((text) => typeof text === 'string');
  },
};

export const keptConfigOf = (stateDir: string): string => join(stateDir, 'native-daemon.json');

/** null: none is kept, or it is of another evaluation. */
export function readKeptConfig(path: string, of: Pick<KeptConfig, 'taskFile' | 'shell'>): KeptConfig | null {
  const read = readRecord(path, kind);
  const kept = read.ok ? read.value : null;
  return kept?.taskFile === of.taskFile && kept.shell === of.shell ? kept : null;
}

/** Where a daemon looks for it. Its services bear the marker of the instance that they are of. */
export const putConfig = (path: string, { text, marker }: KeptConfig, newMarker: string): void =>
  writeFileSync(path, marker === '' ? text : text.replaceAll(marker, newMarker), { mode: 0o600 });

/**
 * Watches for `path` until it is disposed, then writes what it held to `to`. It only looks: one that came and went unseen, or
 * was not written whole, is not kept, and nothing else is lost by that.
 */
export function catchConfig(
  path: string,
  to: string,
  about: Omit<KeptConfig, 'schema' | 'text'>,
): Disposable {
  let fd: number | null = null;
  const look = (): void => {
    try {
      fd ??= openSync(path, 'r');
    } catch {
      // not there yet, or not any more
    }
  };
  let watcher: ReturnType<typeof watch> | null = null;
  try {
    watcher = watch(dirname(path), { persistent: false }, (_, name) => {
      if (name === basename(path)) look();
    });
    watcher.on('error', () => undefined);
  } catch {
    // no such directory, or no watches left: there will be nothing to fall back on
  }
  return {
    [Symbol.dispose]() {
      watcher?.close();
      if (fd === null) return;
      const text = wholeText(fd);
      closeSync(fd);
      const kept: KeptConfig | null = text === null ? null : { schema: 1, ...about, text };
      if (kept) writeRecord(to, kept);
    },
  };
}

function wholeText(fd: number): string | null {
  try {
    const text = readFileSync(fd, 'utf8');
    JSON.parse(text);
    return text;
  } catch {
    return null;
  }
}
