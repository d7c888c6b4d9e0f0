/** Subscribes to every source of hints that the settings name, and passes the hints to the loop. */
import type { ControllerEvent } from '../../core/controller/event.ts';
import type { HintSource } from '../../watch/hints.ts';
import { watchHints } from '../../watch/hints.ts';
import type { Model } from '../stack/model.ts';
import type { Stack } from '../stack/open-stack.ts';
import { ownOutputs } from './own-output.ts';
import { unusedBecause } from './usage.ts';

export interface Subscription {
  readonly stack: Stack;
  /** Asked for each hint: it changes with every good configuration. */
  readonly model: () => Model;
  /** How long the last look took. */
  readonly lookMs: () => number;
  readonly send: (event: ControllerEvent) => void;
  readonly onDegraded: (because: string) => void;
  readonly onLeftOut: (path: string, because: string) => void;
}

/** Resolves when everything is watched. */
export function subscribe({ stack, model, lookMs, send, ...callbacks }: Subscription): Promise<HintSource> {
  const { project, config } = stack;
  const { scope, hasCode } = model();
  return watchHints({
    root: project.root,
    workTree: project.workTree,
    gitDir: project.gitDir,
    stateDir: project.stateDir,
    inputs: scope.inputs,
    trees: hasCode,
    ignore: scope.ignore,
    engine: config.watch.engine,
    pollMs: config.watch.pollMs,
    lookMs,
    sources: scope.sources,
    quiet: { quietMs: config.watch.quietMs, onQuiet: () => send({ type: 'quiet' }) },
    onHint(hint) {
      const paths = hint.paths.filter((path) => {
        if (stack.supervisor.wroteItself(path)) return false;
        const because = unusedBecause(model(), config, path);
        if (because !== null) callbacks.onLeftOut(path, because);
        return because === null;
      });
      // Without paths it means: look everywhere.
      if (paths.length > 0 || hint.paths.length === 0)
        send({ type: 'hint', ...hint, paths, count: paths.length });
    },
    onGit: (git) =>
      send(
        git.busy
          ? { type: 'git', busy: true, because: git.because, lock: git.lock }
          : { type: 'git', busy: false },
      ),
    onDegraded: callbacks.onDegraded,
    onLeftOut: (path, pattern) =>
      callbacks.onLeftOut(
        path,
        ownOutputs(project.root).includes(path) ? 'the watcher itself writes to it' : pattern,
      ),
  });
}
