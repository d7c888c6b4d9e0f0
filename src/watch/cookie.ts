/** Proof that events get through: a file of ours is written, and its event must come. */
import type { FSWatcher } from 'node:fs';
import { mkdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Cookie extends Disposable {
  /**
   * All our watches share one queue in the kernel, in order: when the cookie's event is here, so are those before it; when it
   * does not come, the queue was full. True also where no cookie can be written: then there is no proof of a loss.
   */
  comesThrough(boundMs: number): Promise<boolean>;
}

export function bakeCookies(stateDir: string): Cookie {
  const dir = join(stateDir, 'cookie');
  const waiting = new Map<string, () => void>();
  let watcher: FSWatcher | null = null;
  let count = 0;
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
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
        const seen = new Promise<boolean>((resolve) => {
          waiting.set(name, () => resolve(true));
          // A turn later: where this process stood still, the event that came meanwhile is read only now.
          timer = setTimeout(() => setImmediate(resolve, false), boundMs);
        });
        writeFileSync(path, '');
        return await seen;
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
