/**
 * Composes everything that may hint at a change: named inputs, trees, git's activity, and polling where there are no events. A
 * hint only means "look"; a lost one only costs time.
 */
import { bakeCookies } from './cookie.ts';
import { nameOf } from './content-id/inputs.ts';
import type { Hint } from './gather.ts';
import { gather } from './gather.ts';
import { watchGit } from './git-activity.ts';
import type { GitActivity } from './git-busy.ts';
import { watchNamed } from './named.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { poll } from './poll.ts';
import { remoteMount } from './remote-mount.ts';
import { settle } from './settle.ts';
import { subscribeTrees } from './trees.ts';

export type { Hint } from './gather.ts';
export type { GitActivity } from './git-busy.ts';

export interface HintOptions {
  /** Absolute, resolved. */
  readonly root: string;
  readonly workTree: string;
  /** The per-work-tree git directory; null without git. */
  readonly gitDir: string | null;
  readonly stateDir: string;
  /** Absolute; missing ones included. */
  readonly inputs: readonly string[];
  /** Whether the sources are watched: only if some service runs on them. */
  readonly trees: boolean;
  readonly ignore: readonly string[];
  /** git pathspecs; those that point out of the root are watched, too. Default: the root. */
  readonly sources?: readonly string[];
  readonly engine: 'auto' | 'native' | 'chokidar' | 'poll';
  readonly pollMs: number;
  /** Paths relative to the root, absolute outside it; none: look everywhere. */
  readonly onHint: (hint: Hint) => void;
  /** Once `quietMs` passed since the newest change. */
  readonly quiet?: { readonly quietMs: number; readonly onQuiet: () => void };
  readonly onGit: (activity: GitActivity) => void;
  /** Called once, with text for people: what does not work, what is done instead, what to do about it. */
  readonly onDegraded: (message: string) => void;
  /** A change that an ignore pattern leaves out, which is not a hint. */
  readonly onLeftOut?: (path: string, pattern: string) => void;
}

export interface HintSource extends AsyncDisposable {
  readonly engine: 'native' | 'chokidar' | 'poll';
  /** The message of onDegraded; null: all is well. */
  degraded(): string | null;
  /** Watch these inputs from now on. */
  setInputs(inputs: readonly string[]): Promise<void>;
  /** true: their watch has begun; what was saved before needs a look. */
  setTrees(on: boolean): Promise<boolean>;
  /** Renews the subscription of the trees. */
  resubscribe(): Promise<void>;
  /** false: events were lost, and the subscription was renewed; a full look is due. */
  verify(): Promise<boolean>;
}

const cookieBoundMs = 2_000;
/** After suspected losses, wait until there were no more for this long. */
const calmMs = 500;

/** Resolves when everything asked for is watched. */
export async function watchHints(options: HintOptions): Promise<HintSource> {
  const mount = options.engine === 'auto' ? remoteMount(options.root) : null;
  let engine: HintSource['engine'] = mount ? 'poll' : chosen(options.engine);
  let degraded: string | null = null;
  let inputs: readonly string[] = [];
  let treesOn = false;
  let closed = false;
  let lost = false;
  let named: AsyncDisposable | null = null;
  let trees: AsyncDisposable | Disposable | null = null;

  const quiet = options.quiet ? settle(options.quiet.quietMs, options.quiet.onQuiet) : null;
  const hints = gather((hint) => {
    options.onHint(hint);
    quiet?.hint(hint.newestMtimeMs);
  });
  const lookEverywhere = (): void => hints.add(null, 0);
  const inTurn = oneAtATime();
  const calm = settle(calmMs, () => void inTurn(renew).then(lookEverywhere));

  const git = options.gitDir === null ? null : watchGit(options.gitDir, options.onGit);
  const cookies = engine === 'poll' ? null : bakeCookies(options.stateDir);

  function degrade(because: string): void {
    if (closed || degraded !== null) return;
    degraded = because;
    engine = 'poll';
    options.onDegraded(because);
    void inTurn(async () => {
      await watchInputs(inputs);
      await renew();
      lookEverywhere();
    });
  }
  const trouble = (code: string): void => degrade(outOf(code, options.pollMs));

  async function watchInputs(wanted: readonly string[]): Promise<void> {
    const before = named;
    inputs = wanted;
    named = await watchNamed({
      inputs: wanted,
      pollMs: engine === 'poll' ? options.pollMs : null,
      onChange: (path, changedMs) => hints.add(nameOf(options.root, path), changedMs),
      onTrouble: trouble,
    });
    await before?.[Symbol.asyncDispose]();
  }

  async function watchTrees(): Promise<void> {
    if (!treesOn || closed) return;
    if (engine === 'poll') {
      trees = poll(options.pollMs, lookEverywhere);
      return;
    }
    trees = await subscribeTrees({
      ...options,
      engine,
      sources: options.sources ?? ['.'],
      onChange: (path, changedMs) => hints.add(path, changedMs),
      onLeftOut: (path, pattern) => options.onLeftOut?.(path, pattern),
      onTrouble: trouble,
      onStale: () => {
        lost = true;
        calm.hint(Date.now());
      },
    });
  }

  /** The old subscription ends after the new one has begun, so that no event is missed. */
  async function renew(): Promise<void> {
    const before = trees;
    trees = null;
    lost = false;
    await watchTrees();
    await end(before);
  }

  const source: HintSource = {
    get engine() {
      return engine;
    },
    degraded: () => degraded,
    setInputs: (wanted) =>
      inTurn(async () => {
        if (wanted.join('\0') === inputs.join('\0')) return;
        await watchInputs(wanted);
        lookEverywhere(); // an input may have changed before its watch began
      }),
    setTrees: (on) =>
      inTurn(async () => {
        if (on === treesOn) return false;
        treesOn = on;
        await renew();
        return on;
      }),
    resubscribe: () => inTurn(renew),
    verify: () =>
      inTurn(async () => {
        git?.check();
        const through = (await cookies?.comesThrough(cookieBoundMs)) ?? true;
        if (through && !lost) return true;
        await renew();
        return false;
      }),
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const part of [git, cookies, calm, quiet, hints]) part?.[Symbol.dispose]();
      await inTurn(async () => {
        await end(trees);
        await named?.[Symbol.asyncDispose]();
      });
    },
  };

  if (mount) {
    degraded = `${options.root} lies on a ${mount} mount, which does not report every change: looking every ${options.pollMs / 1000} s`;
    options.onDegraded(degraded);
  }
  await inTurn(() => watchInputs(options.inputs));
  await source.setTrees(options.trees);
  return source;
}

function chosen(engine: HintOptions['engine']): HintSource['engine'] {
  if (engine !== 'auto') return engine;
  return process.platform === 'linux' ? 'native' : 'chokidar';
}

function outOf(code: string, pollMs: number): string {
  const instead = `looking every ${pollMs / 1000} s instead`;
  if (code === 'ENOSPC')
    return `out of inotify watches: ${instead}; \`sudo sysctl fs.inotify.max_user_watches=524288\` raises the limit`;
  if (code === 'EMFILE' || code === 'ENFILE') {
    return `out of inotify instances or open files: ${instead}; \`sudo sysctl fs.inotify.max_user_instances=512\` or \`ulimit -n\` raises the limit`;
  }
  return `watching failed (${code}): ${instead}`;
}

async function end(part: AsyncDisposable | Disposable | null): Promise<void> {
  if (!part) return;
  if (Symbol.asyncDispose in part) await part[Symbol.asyncDispose]();
  else part[Symbol.dispose]();
}
