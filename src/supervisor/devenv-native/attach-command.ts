/** What shows a running native stack on a terminal: devenv's own view where there is one, else the log lines. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../../core/endpoint.ts';
import type { Environment } from '../../core/environment.ts';
import { askLine } from '../../io/json-line.ts';
import { findDevenv } from '../devenv-evaluation/find-devenv.ts';
import { profilesIn, profileWords } from '../devenv-evaluation/profiles.ts';
import { pidFileOf } from './places.ts';

const timeoutMs = 2_000;
/** After a restart the socket answers a second or so before the pid file is there (devenv 2.2.2, with one probe). */
const settlesWithinMs = 3_000;
const lookMs = 100;

async function appears(path: string): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < settlesWithinMs && !existsSync(path); waitedMs += lookMs)
    await sleep(lookMs);
  return existsSync(path);
}

/**
 * `devenv processes attach` came with 2.2, as `mode` did, and believes only the pid file, which is there when everything is
 * settled: a session that goes on starting is shown by its logs.
 */
export async function attachCommand(ask: {
  readonly endpoint: Endpoint;
  readonly root: string;
  readonly env: Environment;
  readonly self: readonly [string, ...string[]];
}): Promise<readonly [string, ...string[]]> {
  const { endpoint } = ask;
  const pidFile = pidFileOf(endpoint);
  const devenv = findDevenv(ask.env);
  if (devenv.ok && pidFile !== null && (await appears(pidFile))) {
    const answer = await askLine({ endpoint, request: { command: 'mode' }, timeoutMs });
    const status = answer.ok ? (answer.value as { status?: unknown } | null)?.status : null;
    if (status === 'mode') {
      const profiles = profileWords(profilesIn(ask.env, ask.root));
      return [devenv.value, ...profiles, 'processes', 'attach'];
    }
  }
  return [...ask.self, '-C', ask.root, 'logs', '-f'];
}
