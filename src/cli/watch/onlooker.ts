/** Notices what others do to the stack while the watcher itself is idle: a stop by hand, a crash, a restart elsewhere. */
import { existsSync } from 'node:fs';
import type { ControllerEvent } from '../../core/controller/event.ts';
import type { Report } from '../../core/event.ts';
import type { Verdict } from '../../core/health.ts';
import { judge } from '../../core/health.ts';
import type { Manager } from '../../core/manager.ts';
import { managerName } from '../../core/manager.ts';
import type { Instance } from '../../supervisor/port.ts';
import { isBusyElsewhere, lastWork } from '../stack/busy.ts';
import { desiredNow } from '../stack/desired.ts';
import type { WatchedStack } from './actions.ts';
import { keepLedger } from './ledger-keeper.ts';

/** One GET over a unix socket, about 1 ms. Polled, because releases before 1.110 cannot push states. */
const lookEveryMs = 2_000;
const lookAgainMs = 100;
/** What a server that was stopped leaves for a moment (the shell around it, a child that cleans up) is no crash. */
const lingerMs = 500;
/** Where a service that somebody brings up was to come. */
const arrived: ReadonlySet<Verdict> = new Set<Verdict>(['ok', 'done', 'disabled']);

export interface OnlookerSetting {
  readonly watched: WatchedStack;
  readonly send: (event: ControllerEvent) => void;
  readonly report: Report;
  /** A start of ours is under way, up to its readiness. */
  readonly starting: () => boolean;
}

/** Looks at once, then every 2 s and as soon as the connection to the server ends, until disposed. */
export function onlook(setting: OnlookerSetting): Disposable {
  const { watched, send } = setting;
  const verdicts = new Map<string, Verdict>();
  /** Those whose verdict was found while somebody brought them up or down. */
  const onTheirWay = new Set<string>();
  /** Since when the server is gone and something of it is not. */
  let outlivedSinceMs: number | null = null;
  const keep = keepLedger(() => watched.stack());
  let timer: NodeJS.Timeout | null = null;
  let connection: { to: number; close: () => void } | null = null;
  let closed = false;
  const managerNow = () => watched.stack().supervisor.manager;
  /** What was reported to the controller last. */
  let reported: 'nothing' | 'up' | 'down' | 'crashed' = 'nothing';

  const again = (ms: number): void => {
    if (timer) clearTimeout(timer);
    if (!closed) timer = setTimeout(() => void look(), ms);
  };
  const listen = (instance: Instance | null): void => {
    if (connection?.to === instance?.server.pid) return;
    connection?.close();
    connection = null;
    // The verdicts were about another server's services.
    verdicts.clear();
    onTheirWay.clear();
    if (!instance) return;
    const idle = watched.stack().supervisor.watchServer(instance.endpoint);
    idle.ended.addEventListener('abort', () => again(0));
    connection = { to: instance.server.pid, close: () => idle[Symbol.dispose]() };
  };

  const look = async (): Promise<void> => {
    const before = watched.acting();
    if (before.now) return again(lookAgainMs);
    // Renamed or removed: what cannot be found by its name was not stopped.
    if (!existsSync(watched.stack().project.root)) return again(lookEveryMs);
    // Also asked before the look: a verb may take everything down and up again while we look.
    const busy = isBusyElsewhere(watched.stack());
    const work = lastWork(watched.stack());
    const found = await watched.stack().supervisor.find();
    if (closed || watched.acting().count !== before.count) return again(lookAgainMs);
    if (found.is === 'running') {
      await seeRunning(found.instance);
      return again(lookEveryMs);
    }
    listen(null);
    if (busy || isBusyElsewhere(watched.stack())) {
      send({ type: 'stack', is: 'starting-elsewhere' });
      return again(lookAgainMs);
    }
    // It began and ended while we looked: what we found is of the middle of it.
    if (lastWork(watched.stack()) !== work) return again(lookAgainMs);
    return again(seeDown() === 'wait' ? lookAgainMs : lookEveryMs);
  };

  const seeRunning = async (instance: Instance): Promise<void> => {
    reported = 'up';
    outlivedSinceMs = null;
    const known = watched.instance()?.server;
    const unknown = known?.pid !== instance.server.pid || known.startTime !== instance.server.startTime;
    if (unknown) {
      watched.follow(instance);
      send({ type: 'stack', is: instance.onTerminal ? 'on-terminal' : 'up' });
      // Reported after the look was ordered: whoever waits for this event and then for `idle` waits for its end.
      setting.report({ event: 'stack', is: 'up', because: upBecause(instance, managerNow()) });
    }
    listen(instance);
    await seeServices(instance, unknown);
  };

  /**
   * A member outlived the supervisor: it crashed. Nothing did: somebody stopped it by hand. Nothing ran as far as we know: a
   * spawn of ours failed and its retry is due, unless somebody wants it down by now.
   */
  const seeDown = (): 'told' | 'wait' => {
    const desired = desiredNow(watched.stack(), false);
    const first = reported === 'nothing';
    const expected = watched.instance() !== null || (first && desired === 'up');
    if (reported !== 'up' && !first && !(desired === 'down' && reported !== 'down')) return 'told';
    const outlived = watched.stack().members(null).length;
    if (expected && desired !== 'down' && outlived > 0) {
      outlivedSinceMs ??= performance.now();
      if (performance.now() - outlivedSinceMs < lingerMs) return 'wait';
      reported = 'crashed';
      const name = managerName(managerNow());
      const what = `${name} is gone, ${outlived} processes of its services are still running`;
      setting.report({ event: 'stack', is: 'crashed', because: what });
      const failure = { reason: 'server-exited', exitCode: null, signal: null, log: [] } as const;
      send({ type: 'stack', is: 'crashed', failure });
    } else if (expected || first || desired === 'down') {
      reported = 'down';
      watched.follow(null);
      const because = first
        ? '`upkeep start` starts it, the watcher never does'
        : 'somebody stopped it; `upkeep start` starts it again';
      setting.report({ event: 'stack', is: 'down', because });
      send({ type: 'stack', is: 'down-by-hand' });
    }
    outlivedSinceMs = null;
    return 'told';
  };

  const isUnderWay = (): boolean => setting.starting() || isBusyElsewhere(watched.stack());

  /** `first`: the services of this server have not been reported on yet. */
  const seeServices = async (instance: Instance, first: boolean): Promise<void> => {
    const control = watched.stack().supervisor.connect(instance.endpoint);
    // Also asked before: what this answer shows on its way may have arrived by the time that it is read.
    const wasUnderWay = isUnderWay();
    const states = await control.states();
    if (!states.ok) return;
    keep(
      instance,
      states.value.map(({ pid }) => pid),
    );
    const model = watched.model();
    for (const state of states.value) {
      const role = model.roles.get(state.name)?.role ?? null;
      const { verdict } = judge(model.services.get(state.name) ?? null, state, role);
      const before = verdicts.get(state.name);
      const wasOnItsWay = onTheirWay.delete(state.name);
      verdicts.set(state.name, verdict);
      // On its way up or down: whoever started or stops it reports that, and its arrival.
      if (isUnderWay() || (wasUnderWay && verdict === 'starting')) {
        onTheirWay.add(state.name);
        continue;
      }
      if (wasOnItsWay && arrived.has(verdict)) continue;
      const ended = verdict === 'failed' || verdict === 'stopped';
      if (before === verdict || verdict === 'starting') continue;
      if (before === undefined && !(first && ended)) continue;
      const log = ended ? await control.logs(state.name, 20) : null;
      setting.report({
        event: 'service',
        name: state.name,
        from: before ?? 'unknown',
        to: verdict,
        lastLog: log?.ok ? log.value : [],
      });
    }
  };

  again(0);
  return {
    [Symbol.dispose]() {
      closed = true;
      if (timer) clearTimeout(timer);
      connection?.close();
    },
  };
}

const upBecause = (instance: Instance, manager: Manager): string =>
  instance.onTerminal
    ? 'it runs on a terminal, so the watcher leaves it alone: `upkeep restart` restarts it'
    : `${managerName(manager)} is running with pid ${instance.server.pid}${instance.owner === 'external' ? ', started outside upkeep' : ''}`;
