/** The door to whose home it is: HOME may be missing, empty or relative, and a container's user may stand in no list of users. */
import { userInfo } from 'node:os';
import { isAbsolute } from 'node:path';

/** Absolute; `/` where nobody knows, as docker has it. Not node's homedir, which gives back an empty HOME, or throws. */
export function homeDirectory(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const { HOME: home } = env;
  if (home !== undefined && isAbsolute(home)) return home;
  return known()?.homedir ?? '/';
}

/** null: the system knows none. */
export const userName = (): string | null => known()?.username ?? null;

function known(): { username: string; homedir: string } | null {
  try {
    return userInfo();
  } catch {
    return null;
  }
}
