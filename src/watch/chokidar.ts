/** What both uses of chokidar share: their options, and the way from a watcher that was made to one that watches. */
import type { FSWatcher } from 'chokidar';
import { errorCode } from '../io/unwritable.ts';

/** Bare events: what they mean is for the look that follows. */
export const bareEvents = {
  ignoreInitial: true,
  followSymlinks: false,
  ignorePermissionErrors: true,
  // A rename over a file may hint at once; whether the file came back is the look's business.
  atomic: false,
} as const;

/** Resolves when everything is watched. `onTrouble` is called once, with the code of the first error. */
export async function untilReady(
  watcher: FSWatcher,
  onTrouble: (code: string) => void,
): Promise<AsyncDisposable> {
  let isTroubled = false;
  watcher.on('error', (error) => {
    if (isTroubled) return;
    isTroubled = true;
    onTrouble(errorCode(error));
  });
  await new Promise<void>((resolve) => watcher.once('ready', resolve));
  return { [Symbol.asyncDispose]: () => watcher.close() };
}
