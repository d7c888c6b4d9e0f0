/** Carries out what the loop orders on the real stack, with the same steps as the verbs. */
import type { Content } from '../../core/content.ts';
import type { CheckResult } from '../../core/controller/event.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import type { StackActions } from '../../daemon/actions.ts';
import type { Found, Instance } from '../../supervisor/port.ts';
import { isSameServer } from '../../supervisor/instance.ts';
import { unchanged } from '../../supervisor/input-digests.ts';
import { lockWaitMs } from '../call.ts';
import { waitUntilReady } from '../stack/bring-up.ts';
import { desiredNow } from '../stack/desired.ts';
import type { Model } from '../stack/model.ts';
import { readModel } from '../stack/model.ts';
import type { Stack } from '../stack/open-stack.ts';
import type { Restarted, RestartPlan } from '../stack/restart-stack.ts';
import { planRestart, startAgain, stopForRestart } from '../stack/restart-stack.ts';
import type { HeldLock } from '../stack/under-lock.ts';
import { holdLock } from '../stack/under-lock.ts';
import type { Applied } from './applied.ts';
import { adopt, appliedOf, compare } from './applied.ts';
import { lookAhead } from './look-ahead.ts';
import { recentLook } from './recent-look.ts';

export interface WatchedStack extends StackActions {
  /** The stack as upkeep.yaml and the configuration files described it last. */
  stack(): Stack;
  /** Somebody else changed which instance runs: its records are the baseline from now on. */
  follow(instance: Instance | null): void;
  instance(): Instance | null;
  model(): Model;
  /**
   * `now`: a restart of ours is between waiting for its lock and its spawn, so what is seen of the supervisor is our own doing.
   * `count` differs if that was so at any time between two calls.
   */
  acting(): { readonly now: boolean; readonly count: number };
  /** How long the last look at the content took. */
  readonly lastLookMs: () => number;
}

export interface WatchSetting {
  readonly stack: Stack;
  readonly env: NodeJS.ProcessEnv;
  readonly first: { readonly model: Model; readonly instance: Instance | null };
  readonly onModel: (model: Model) => void;
  /** upkeep.yaml, or the set of configuration files, has changed. */
  readonly onStack: (stack: Stack) => void;
  readonly onProgress: (line: string) => void;
  readonly onWaiting: (waiting: { waitedMs: number; waitingFor: readonly string[] }) => void;
}

export function watchedStack(setting: WatchSetting): WatchedStack {
  let { stack } = setting;
  const caller = {
    cwd: stack.project.root,
    env: setting.env,
    onProgress: setting.onProgress,
    freshEnv: false,
    // The same content is evaluated again only when a person asks for it.
    reuse: true,
  };
  let { model, instance } = setting.first;
  let applied: Applied = appliedOf(stack, instance);
  let lastContent: Content | null = null;
  /** The last validated plan; a change of code alone restarts from it. */
  let plan: RestartPlan | null = null;
  let lock: HeldLock | null = null;
  let lookMs = 0;
  let isNewStack = false;
  const recent = recentLook();
  const ahead = lookAhead();
  let acting = { now: false, count: 0 };

  const replan = async (signal?: AbortSignal): Promise<Result<RestartPlan>> => {
    const planned = await planRestart(
      stack,
      { ...caller, ...(signal ? { signal } : {}) },
      lastContent ?? undefined,
    );
    if (planned.ok) {
      plan = planned.value;
      adoptModel(planned.value.model);
    }
    return planned;
  };
  const adoptStack = (next: Stack): void => {
    const contents = (one: Stack): string => JSON.stringify([one.config, one.project.configFiles]);
    if (contents(next) === contents(stack)) return;
    stack = next;
    isNewStack = true;
  };
  /** Called after the model of the new stack was adopted, so that the new subscription uses both. */
  const announceStack = (): void => {
    if (!isNewStack) return;
    isNewStack = false;
    setting.onStack(stack);
  };
  const adoptModel = (next: Model): void => {
    model = next;
    setting.onModel(next);
  };
  const begin = (): void => {
    acting = { now: true, count: acting.count + 1 };
  };
  const release = (): void => {
    lock?.release();
    lock = null;
    acting = { ...acting, now: false };
  };

  return {
    stack: () => stack,
    instance: () => instance,
    model: () => model,
    acting: () => acting,
    lastLookMs: () => lookMs,
    follow(next) {
      instance = next;
      applied = appliedOf(stack, next);
      if (plan && !unchanged(plan.prepared.digests)) plan = null;
    },
    async check(signal): Promise<CheckResult> {
      const reopened = await stack.reopen();
      if (reopened.ok) adoptStack(reopened.value);
      const current = await readModel(stack);
      // If the configuration does not parse, the scope of the last good one names the same files.
      if (current.ok) adoptModel(current.value);
      announceStack();
      const looking = ahead.look(model.scope, signal);
      // Meanwhile git is at work; a stop that follows would otherwise have to wait for this.
      if (!recent.isFresh()) recent.take(stack, instance);
      const { content, ms } = await looking;
      if (!content.ok) return 'unknown';
      lookMs = ms;
      lastContent = content.value;
      applied.fingerprint ??= current.ok ? current.value.definition.fingerprint : null;
      return compare(applied, content.value);
    },
    async validate(signal) {
      const reopened = await stack.reopen();
      if (!reopened.ok) return reopened;
      adoptStack(reopened.value);
      const planned = await replan(signal);
      announceStack();
      if (!planned.ok) return planned;
      return ok({ fingerprintSame: planned.value.prepared.definition.fingerprint === applied.fingerprint });
    },
    async adopt() {
      // Edited during the validation: what is on disk is not what was found to mean the same.
      if (plan && !unchanged(plan.prepared.digests)) return;
      if (lastContent) adopt(stack, applied, instance, lastContent);
    },
    async stop() {
      begin();
      let found: Found = { is: 'none' };
      const held = await holdLock(stack, {
        verb: 'watch',
        desired: 'up',
        waitMs: lockWaitMs,
        onWait: setting.onProgress,
        stillDue: async () => isStillDue((found = await stack.supervisor.find())),
      });
      if (!held.ok) {
        release();
        return held;
      }
      lock = held.value;
      const down = await stopHeld(found);
      if (!down.ok) release();
      return down;
    },
    async spawn() {
      if (!plan || !lock) return fail({ reason: 'unexpected', message: 'spawn without a plan', stack: '' });
      const started: Result<Restarted> = await startAgain(stack, plan, caller);
      lock.done(started);
      instance = started.ok ? started.value.instance : null;
      release();
      if (!started.ok) return started;
      adoptStack(started.value.stack);
      adoptModel(started.value.model);
      announceStack();
      const { model: runs, wentBack } = started.value;
      applied = { content: plan.content, fingerprint: runs.definition.fingerprint };
      if (wentBack === null) return ok(undefined);
      applied.content = started.value.content;
      // It would be started again for the next save of a source.
      plan = null;
      return fail(wentBack);
    },
    async awaitReady(signal) {
      if (!instance) return fail({ reason: 'not-running' });
      return waitUntilReady(stack, {
        instance,
        model,
        explicitMs: null,
        signal,
        onProgress: setting.onWaiting,
      });
    },
    anticipate() {
      ahead.begin(model.scope);
      recent.take(stack, instance);
    },
    disturbed: () => ahead.discard(),
  };

  /** false: another verb stopped the stack, or started another one, while we waited for the lock. */
  function isStillDue(found: Found): boolean {
    if (found.is === 'none') return desiredNow(stack, false) !== 'down';
    if (found.is !== 'running') return true;
    return instance !== null && isSameServer(found.instance, instance);
  }

  /** The last plan is good as long as the files are what was validated; only what runs is looked up again. */
  async function stopHeld(found: Found): Promise<Result<void>> {
    if (plan && unchanged(plan.prepared.digests)) {
      plan = { ...plan, found, content: lastContent };
    } else {
      const planned = await replan();
      if (!planned.ok) return planned;
    }
    if (plan === null) return fail({ reason: 'unexpected', message: 'a stop without a plan', stack: '' });
    const looked = recent.of(plan.found);
    const down = await stopForRestart(stack, plan, looked ? { looked } : {});
    return down.ok ? ok(undefined) : down;
  }
}
