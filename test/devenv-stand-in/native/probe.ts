/** Waiting until a process is ready: its probe, tried again and again, or a connection to the first port that it was given. */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Probe } from '../evaluate.ts';
import type { NativeProcess } from './plan.ts';

/** false: `goes` said no before it was. `began` hears of each try, which may be a process of its own. */
export async function awaitReady(
  { ready, ports }: NativeProcess,
  env: NodeJS.ProcessEnv,
  goes: () => boolean,
  began: (tried: Promise<boolean>) => void,
): Promise<boolean> {
  const [port] = Object.values(ports);
  await pause((ready?.initial_delay ?? 0) * 1_000);
  while (goes()) {
    const tried = ready ? probeOnce(ready, env) : connects(port ?? 0);
    began(tried);
    if (await tried) return goes();
    await pause((ready?.period ?? 0.1) * 1_000);
  }
  return false;
}

const connects = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

async function probeOnce(probe: Probe, env: NodeJS.ProcessEnv): Promise<boolean> {
  const bound = AbortSignal.timeout(Math.max(0.1, probe.probe_timeout) * 1_000);
  if (probe.http.get) {
    const { scheme, host, port, path } = probe.http.get;
    return fetch(`${scheme}://${host}:${port}${path}`, { signal: bound }).then(
      async (response) => {
        await response.body?.cancel();
        return response.ok;
      },
      () => false,
    );
  }
  const { exec } = probe;
  if (exec === null) return true;
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', exec], { env, stdio: 'ignore', signal: bound, killSignal: 'SIGKILL' });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
