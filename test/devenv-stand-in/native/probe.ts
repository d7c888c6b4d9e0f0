/** One try of a readiness probe. */
import { spawn } from 'node:child_process';
import type { Probe } from '../evaluate.ts';

export async function probeOnce(probe: Probe, env: NodeJS.ProcessEnv): Promise<boolean> {
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
