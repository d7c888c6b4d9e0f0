/** The loop's actions, opened by hand: each call waits until the test answers it. */
import type { CheckResult, Look } from '../../src/core/controller/event.ts';
import type { Result } from '../../src/core/result.ts';
import { ok } from '../../src/core/result.ts';
import type { StackActions } from '../../src/daemon/actions.ts';

type Name = Exclude<keyof StackActions, 'anticipate' | 'disturbed'>;

export interface Call {
  readonly name: Name;
  readonly signal: AbortSignal | null;
  answer(value: unknown): void;
  throw(error: unknown): void;
}

export interface FakeActions extends StackActions {
  /** Every call so far, by name. */
  readonly called: readonly Name[];
  /** What the loop said of looks to come. */
  readonly foretold: readonly ('anticipate' | 'disturbed')[];
  /** The one call that is open now; throws if there is none, or another. */
  open(name: Name): Call;
  isOpen(): boolean;
}

export const same: Look = { id: 'A', configId: 'c', configChanged: false, codeChanged: false, paths: [] };
export const codeChanged: Look = { ...same, id: 'B', codeChanged: true, paths: ['src/a.ts'] };
export const configChanged: Look = {
  ...same,
  id: 'C',
  configId: 'd',
  configChanged: true,
  paths: ['devenv.nix'],
};
export const done: Result<void> = ok(undefined);

export function createFakeActions(): FakeActions {
  const called: Name[] = [];
  const foretold: ('anticipate' | 'disturbed')[] = [];
  let current: Call | null = null;
  function call<T>(name: Name, signal: AbortSignal | null): Promise<T> {
    if (current) throw new Error(`${name} while ${current.name} is open`);
    called.push(name);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const over = (): void => {
      current = null;
    };
    current = {
      name,
      signal,
      answer(value: T) {
        over();
        resolve(value);
      },
      throw: (error) => {
        over();
        reject(error);
      },
    };
    return promise;
  }
  return {
    called,
    foretold,
    anticipate: () => void foretold.push('anticipate'),
    disturbed: () => void foretold.push('disturbed'),
    isOpen: () => current !== null,
    open(name) {
      if (current?.name !== name) throw new Error(`${name} is not open, but ${current?.name ?? 'nothing'}`);
      return current;
    },
    check: (signal) => call<CheckResult>('check', signal),
    validate: (signal) => call('validate', signal),
    adopt: () => call('adopt', null),
    stop: () => call('stop', null),
    spawn: () => call('spawn', null),
    awaitReady: (signal) => call('awaitReady', signal),
  };
}
