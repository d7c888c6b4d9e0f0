/** Runs one watcher from its first look to its end: connects hints, the loop, the real stack, the journal and the view. */
import { join } from 'node:path';
import { initialState } from '../../core/controller/state.ts';
import type { UpkeepEvent } from '../../core/event.ts';
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import { startLoop } from '../../daemon/loop.ts';
import { systemClock } from '../../io/clock.ts';
import { openLog } from '../../io/log.ts';
import { readRow } from '../../processes/table.ts';
import type { HintSource } from '../../watch/hints.ts';
import { oneAtATime } from '../../watch/one-at-a-time.ts';
import type { Call } from '../call.ts';
import type { Model } from '../stack/model.ts';
import { modelOf, readModel } from '../stack/model.ts';
import type { Stack } from '../stack/open-stack.ts';
import { watchRecorder, watchReport } from '../stack/watch-report.ts';
import { watchedStack } from './actions.ts';
import { openJournal } from './journal.ts';
import { createHistory } from './history.ts';
import { lookRegularly } from './full-look.ts';
import { leftOutOnce } from './left-out.ts';
import { onlook } from './onlooker.ts';
import { ownOutputs } from './own-output.ts';
import { watchRoot } from './root-gone.ts';
import { settingsOf } from './settings.ts';
import { subscribe } from './subscribe.ts';
import { whenDue } from '../when-due.ts';

export interface Session {
  readonly call: Call;
  readonly stack: Stack;
  readonly show: (event: UpkeepEvent, at: number) => void;
}

/** Resolves after `call.signal`, or when the project's directory is gone; the services keep running. */
export async function runWatcher(session: Session): Promise<Result<number>> {
  const { call, stack } = session;
  const record = watchRecorder(stack);
  const remember = (state: string): void =>
    record({
      schema: 1,
      pid: process.pid,
      startTime: readRow(process.pid)?.startTime ?? '',
      state,
      engine: hints?.engine ?? null,
      degraded: hints?.degraded() ?? null,
      last: history.last(),
      outputs: ownOutputs(stack.project.root),
    });
  let hints: HintSource | null = null;
  const history = createHistory(watchReport(stack).last);
  // First of all: whoever looks at the content must know which files are our output.
  remember('idle');
  const first = await firstModel(stack);
  if (!first.ok) return first;
  const log = await openLog(join(stack.project.stateDir, 'logs', 'watch.log'));
  const journal = openJournal(stack);
  const report = (event: UpkeepEvent): void => {
    const at = Date.now();
    history.note(event);
    session.show(event, at);
    journal({ t: new Date(at).toISOString(), ...event });
    log.info({ ...event }, event.event);
  };
  const follow = (model: Model): void => {
    void hints?.setInputs(model.scope.inputs);
    // What was saved before the trees were watched is found by looking.
    void hints?.setTrees(model.hasCode).then((begun) => begun && loop.send({ type: 'look', asked: false }));
  };
  const watched = watchedStack({
    stack,
    env: call.env,
    first: { model: first.value, instance: null },
    onModel: follow,
    onStack: ({ config }) => {
      const { quietMs, capMs } = config.watch;
      loop.send({ type: 'settings', quietMs, capMs });
      void inTurn(resubscribe);
    },
    onProgress: call.printer.note,
    onWaiting: whenDue(({ waitedMs, waitingFor }) =>
      report({ event: 'restart.waiting', restart: history.current(), waitedMs, services: waitingFor }),
    ),
  });
  const loop = startLoop({
    initial: initialState(settingsOf(stack.config)),
    actions: watched,
    clock: systemClock,
    report,
    onStep: () => remember(loop.state().life.is),
  });
  const onLeftOut = leftOutOnce(report);
  const inTurn = oneAtATime();

  /** The old subscription ends after the new one has begun, so that no event is missed. */
  async function resubscribe(): Promise<void> {
    if (call.signal.aborted) return;
    const before = hints;
    const model = (): Model => watched.model();
    const onDegraded = (because: string): void => {
      report({ event: 'degraded', because });
      remember(loop.state().life.is);
    };
    hints = await subscribe({ stack: watched.stack(), model, send: loop.send, onDegraded, onLeftOut });
    await before?.[Symbol.asyncDispose]();
    const { scope, hasCode: trees } = model();
    follow(model());
    // The onlooker orders the first look, when it knows whether there is a stack.
    if (before) loop.send({ type: 'look', asked: false });
    // Reported after the look was ordered: whoever waits for this event and then for `idle` waits for its end.
    report({ event: 'watch.ready', engine: hints.engine, inputs: scope.inputs.length, trees });
  }

  await inTurn(resubscribe);
  const { root } = stack.project;
  using ground = watchRoot(root);
  {
    using _onlooker = onlook({
      watched,
      send: loop.send,
      report,
      starting: () => loop.state().life.is === 'starting',
    });
    using _ticker = lookRegularly({
      hints: () => hints as HintSource,
      look: () => loop.send({ type: 'look', asked: false }),
      lastCostMs: watched.lastLookMs,
      report,
    });
    await aborted(AbortSignal.any([call.signal, ground.gone]));
    await loop.close(
      ground.gone.aborted
        ? `${root} was moved or removed; the services keep running: \`upkeep status\` where it is now, or \`upkeep stop -C ${root}\``
        : 'stopped by a signal; the services keep running',
    );
  }
  await inTurn(async () => hints?.[Symbol.asyncDispose]());
  remember('off');
  return ok(ground.gone.aborted ? 1 : 0);
}

/** A configuration that is broken at the start is watched too: its fix is what we wait for. */
async function firstModel(stack: Stack): Promise<Result<Model>> {
  const model = await readModel(stack);
  if (model.ok || model.failure.reason !== 'stack-config-bad') return model;
  // What upkeep.yaml says about services cannot be checked without them.
  const config = { ...stack.config, services: {} };
  const unjudged = { ...stack, config, settings: { ...stack.settings, config } };
  return modelOf(unjudged, {
    services: [],
    inputs: stack.project.configFiles,
    fingerprint: '',
    orderedShutdown: false,
    outdated: false,
    programs: [],
    carried: {},
    sharedInputs: [],
  });
}

const aborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
