/** Proves that events get through: writes a file of our own, whose event must arrive. */
import type { FSWatcher } from 'node:fs';
import { rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeStateDirectory } from '../io/state-home.ts';

export interface Cookie extends Disposable {
  /**
   * All our watches share one ordered queue in the kernel: when the cookie's event is here, so are those before it; when it does
   * not arrive, the queue was full. Also true where no cookie can be written: then nothing proves a loss.
   */
  comesThrough(boundMs: number): Promise<boolean>;
}

export function bakeCookies(stateDir: string): Cookie {
  const dir = join(stateDir, 'cookie');
  const waiting = new Map<string, () => void>();
  let watcher: FSWatcher | null = null;
  let count = 0;
  try {
    makeStateDirectory(dir);
    watcher = watch(dir, (_, name) => waiting.get(String(name))?.());
    watcher.on('error', () => {});
  } catch {
    watcher = null;
  }
  return {
    async comesThrough(boundMs) {
      if (!watcher) return true;
      const name = `${process.pid}.${(count += 1)}`;
      const path = join(dir, name);
      let timer: NodeJS.Timeout | undefined;
      try {
        const arrived = new Promise<boolean>((resolve) => {
          waiting.set(name, () => resolve(true));
          // A turn later: where this process stood still, the event that came meanwhile is read only now.
          timer = setTimeout(() => setImmediate(resolve, false), boundMs);
        });
        writeFileSync(path, '');
        return await arrived;
      } catch {
        return true; // the state directory went away
      } finally {
        clearTimeout(timer);
        waiting.delete(name);
        rmSync(path, { force: true });
      }
    },
    [Symbol.dispose]: () => watcher?.close(),
  };
}
