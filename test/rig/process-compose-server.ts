/** A real process-compose with a project of its own in a temporary directory; ended by what it itself reported, never by name. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Endpoint } from '../../src/core/endpoint.ts';
import type { ServiceState } from '../../src/core/service.ts';
import { connectControl } from '../../src/supervisor/process-compose/client.ts';
import type { Control } from '../../src/supervisor/port.ts';
import { processComposeBinary } from './binary.ts';

export interface RealServer extends AsyncDisposable {
  readonly endpoint: Endpoint & { readonly kind: 'unix' };
  readonly directory: string;
  readonly control: Control;
  /** Resolves when the server has ended. */
  readonly ended: Promise<unknown>;
  /** The states, once `condition` holds of them; fails after 60 s. */
  statesWhen(
    condition: (named: (name: string) => ServiceState) => boolean,
  ): Promise<(name: string) => ServiceState>;
}

export async function realServer(yaml: string, env: NodeJS.ProcessEnv = {}): Promise<RealServer> {
  const directory = mkdtempSync('/tmp/uk-');
  const path = join(directory, 's.sock');
  writeFileSync(join(directory, 'process-compose.yaml'), yaml);
  const log = join(directory, 'server.log');
  const args = ['-f', 'process-compose.yaml', '-u', path, '-t=false', '-L', log, '--keep-project', 'up'];
  const { PATH, HOME } = process.env;
  const server = spawn(await processComposeBinary(), args, {
    cwd: directory,
    stdio: 'ignore',
    env: { PATH, HOME, ...env },
  });
  const ended = once(server, 'exit');
  const endpoint = { kind: 'unix', path } as const;
  // A guard against hanging, no claim, as everywhere in the tests.
  const control = connectControl(endpoint, { token: env.PC_API_TOKEN ?? null, readTimeoutMs: 30_000 });
  await until('the server answers', async () => (await control.live()).ok || server.exitCode !== null);
  if (server.exitCode !== null)
    throw new Error(`process-compose ended at once: ${readFileSync(log, 'utf8')}`);

  const states = async (): Promise<readonly ServiceState[]> => {
    const found = await control.states();
    if (!found.ok) throw new Error(JSON.stringify(found.failure));
    return found.value;
  };
  return {
    endpoint,
    directory,
    control,
    ended,
    async statesWhen(condition) {
      let named = (name: string): ServiceState => {
        throw new Error(`no ${name} yet`);
      };
      await until('the services are as the test wants them', async () => {
        const all = await states();
        named = (name) => all.find((state) => state.name === name) ?? fault(`no service ${name}`);
        return condition(named);
      });
      return named;
    },
    async [Symbol.asyncDispose]() {
      // Services first: a server that waits for one that ignores TERM would not end.
      if (server.exitCode === null) {
        for (const { pid, status } of await states().catch(() => [])) {
          if (pid !== null && status !== 'Completed') endGroup(pid);
        }
        await control.stopProject({ timeoutMs: 5_000 });
        server.kill('SIGTERM');
        await ended;
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function endGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

const fault = (message: string): never => {
  throw new Error(message);
};

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited 60 s in vain until ${what}`);
    await delay(25);
  }
}
