import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAlive } from '../../src/processes/table.ts';
import { headless } from '../rig/external.ts';
import { freePort } from '../rig/free-port.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

async function killServer(project: TestProject): Promise<void> {
  const [server] = project.servers;
  if (!server) throw new Error('no server');
  process.kill(server.pid, 'SIGKILL');
  await eventually('the end of the server', () => !isAlive(server));
}

/** Everything that could end something, with the stack up, crashed, and with its records lost. */
async function doEverything(project: TestProject): Promise<void> {
  await project.run(['restart']);
  await killServer(project);
  await project.run(['reap']);
  await project.run(['start', '-d']);
  await project.run(['stop']);
  await project.run(['start', '-d']);
  await project.program(['rm', '-rf', project.stateDir]).finished;
  await killServer(project);
  for (const verb of [['reap'], ['restart'], ['stop'], ['reap']]) await project.run(verb);
}

test("a process-compose of another project, started in this project's devenv shell, is that project's", async () => {
  await using a = await temporaryProject();
  await using b = await temporaryProject();
  a.declareServices({ web: await freePort() });
  b.declareServices({ own: await freePort() });
  await a.run(['start', '-d']);
  const shell = {
    DEVENV_ROOT: a.root,
    DEVENV_STATE: join(a.root, '.devenv/state'),
    DEVENV_RUNTIME: join(a.home, 'run'),
    PC_CONFIG_FILES: join(a.root, 'process-compose.yaml'),
  };
  const files = ['-f', join(b.root, 'process-compose.yaml')];
  const external = await headless(b, { kind: 'unix', path: join(b.home, 'pc.sock') }, files, shell);
  const own = await b.services.next('own');
  await doEverything(a);
  expect([external.alive(), own.alive, own.termed]).toEqual([true, true, false]);
  expect(await b.status()).toMatchObject({ stack: 'up', healthy: true });
});

test("a process-compose that somebody starts from inside a service carries this project's marker, and is theirs all the same", async () => {
  await using a = await temporaryProject();
  await using b = await temporaryProject();
  a.declareServices({ web: await freePort() });
  b.declareServices({ own: await freePort() });
  await a.run(['start', '-d']);
  const web = await a.services.next('web');
  // As from a tmux server that the service had started: in a session of its own, with everything that is inherited.
  const inherited = {
    UPKEEP_INSTANCE: web.env['UPKEEP_INSTANCE'] ?? '',
    PC_PROC_NAME: 'web',
    PC_REPLICA_NUM: '0',
  };
  const files = ['-f', join(b.root, 'process-compose.yaml')];
  const argv = ['-u', join(b.home, 'pc.sock'), '-t=false', '-L', join(b.home, 'pc.log'), ...files, 'up'];
  b.program(['setsid', '--fork', 'process-compose', ...argv], { env: inherited });
  const own = await b.services.next('own');
  await doEverything(a);
  expect([own.alive, own.termed]).toEqual([true, false]);
  expect(await b.status()).toMatchObject({ stack: 'up', healthy: true });
});
