/** What the steps of every demo are made of: an act, the watcher's own last word on it, and what must hold afterwards. */
import { readFileSync } from 'node:fs';
import type { Stage, WatchEvent } from './stage.ts';

export interface Step<S extends Stage = Stage> {
  readonly title: string;
  readonly expected: string;
  /** Resolves with what was seen; one that does not hold throws. */
  play(stage: S): Promise<string>;
}

export const hold = (condition: boolean, otherwise: string): void => {
  if (!condition) throw new Error(otherwise);
};

/** Do something, wait for the watcher's own last word on it, and take all that it said in between. */
export async function restartsDuring(
  stage: Stage,
  what: string,
  act: () => Promise<void> | void,
  last: (event: WatchEvent) => boolean,
): Promise<WatchEvent[]> {
  const from = stage.events.length;
  await act();
  await stage.until(what, () => stage.events.slice(from).some(last));
  return stage.events.slice(from);
}

export const restarts = (events: readonly WatchEvent[]): number =>
  events.filter((one) => one.event === 'restart.begin').length;
export const ended = (outcome: string) => (one: WatchEvent) =>
  one.event === 'restart.end' && one.outcome === outcome;
export const downtime = (events: readonly WatchEvent[]): string =>
  `${(Number(events.findLast(ended('ok'))?.['downtimeMs'] ?? 0) / 1000).toFixed(1)} s down`;

export async function oneRestart(
  stage: Stage,
  what: string,
  act: () => Promise<void> | void,
): Promise<WatchEvent[]> {
  const events = await restartsDuring(stage, what, act, ended('ok'));
  hold(restarts(events) === 1, `${restarts(events)} restarts`);
  return events;
}

export const edit = (stage: Stage, name: string, from: RegExp | string, to: string): void =>
  stage.write(name, stage.read(name).replace(from, to));

/** The watcher runs, and has looked once. */
export async function watching(stage: Stage): Promise<void> {
  stage.startWatcher();
  await stage.until('the watcher is ready', () =>
    stage.events.some((one) => one.event === 'no-change' || one.event === 'watch.ready'),
  );
}

/** Of the server and of each service, as one text. */
export async function pids(stage: Stage): Promise<string> {
  const status = await stage.status();
  return JSON.stringify([status.instance?.pid, ...status.services.map((one) => one.pid)]);
}

/** Ends the stack; throws where one of its processes lives on or the page still answers. */
export async function verifiedStop(stage: Stage): Promise<string> {
  const before = await stage.status();
  const stopped = [before.instance?.pid ?? 0, ...before.services.flatMap((one) => one.pid ?? [])];
  const ran = await stage.upkeep('stop');
  hold(ran.code === 0, ran.stderr);
  hold(!stopped.some((pid) => isAlive(pid)), 'a process survived');
  hold((await stage.page()) === '', 'the port still answers');
  return ran.stdout.trim();
}

export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
