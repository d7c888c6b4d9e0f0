/** A project with one service and everything that may not be touched, for crashes at each step of a verb. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { StatusReport } from '../../src/core/status.ts';
import type { ProcessId } from '../../src/core/process.ts';
import { signalProcess } from '../../src/processes/signal.ts';
import { isAlive } from '../../src/processes/table.ts';
import { Decoys } from './decoys.ts';
import { freePort } from './free-port.ts';
import type { TestProject } from './project.ts';
import { program } from './programs.ts';
import { temporaryProject } from './project.ts';
import type { ServiceRun } from './service.ts';
import { eventually } from './until.ts';

interface Picture {
  readonly servers: readonly number[];
  readonly webs: readonly number[];
}

export interface Scene extends AsyncDisposable {
  readonly project: TestProject;
  readonly port: number;
  start(): Promise<ServiceRun>;
  /** The live runs of the one service. */
  webs(): readonly ServiceRun[];
  /** Every process of the stack as it really is, servers first. */
  picture(): Picture;
  /** `status`, asked while nothing changes, and the picture of that time: the next may be another one. */
  truth(): Promise<{ readonly status: StatusReport; readonly seen: Picture }>;
  expectOneStack(): Promise<void>;
  expectNone(): Promise<void>;
  expectNothingForeignTouched(): void;
}

/** @param flags of service-child.mjs for the one service. */
export async function scene(...flags: readonly string[]): Promise<Scene> {
  program('tmux');
  const project = await temporaryProject();
  const port = await freePort();
  const tmux = join(project.home, 'tmux');
  const command = project.services.command('web', '--listen', port, ...flags);
  // A tmux server outlives whoever started it, by a service as by anybody.
  const withTmux = `tmux -f /dev/null -S ${tmux} new-session -d 'sleep 9999' 2>/dev/null; ${command}`;
  // One that the test holds gets all the time that the test takes. With a time of its own process-compose answers whoever stops
  // it when it has ended: until then nobody knows that it was asked.
  const shutdown = flags.includes('--hold-term') ? { shutdown: { timeout_seconds: 600 } } : {};
  project.declare(
    { web: { command: withTmux, ports: [port], ...shutdown } },
    { upkeep: { stop: { grace: '5s' } } },
  );
  const decoys = await Decoys.around(project, command.replace(/^exec /, ''));
  /** Left the stack: marker, canary and the project's directory, on /dev/null in a session of its own. */
  const left: { readonly what: string; readonly id: ProcessId; readonly termed: () => boolean }[] = [];
  const webs = (): readonly ServiceRun[] => project.services.of('web').filter((run) => run.alive);
  const picture = (): Picture => ({
    servers: project.servers.map(({ pid }) => pid),
    webs: webs().map(({ pid }) => pid),
  });
  /** What has been spawned may take its time to say so; a decoy has its words, and not its environment. */
  const settled = async (): Promise<Picture> => {
    await project.services.living(() => project.living);
    return picture();
  };
  const tmuxServer = () => project.living.find(({ command: line }) => line.startsWith('tmux '));

  return {
    project,
    port,
    webs,
    picture,
    async start() {
      const start = await project.run(['start', '-d']);
      expect(start).toMatchObject({ code: 0 });
      const web = await project.services.next('web');
      await web.spawn({ name: 'browser', session: true, pipes: false });
      const browser = await project.services.next('browser');
      left.push({ what: 'browser', id: browser, termed: () => browser.termed });
      const server = await eventually('the tmux server', tmuxServer);
      left.push({ what: 'tmux', id: server, termed: () => false });
      return web;
    },
    truth: () =>
      eventually('a status while nothing changes', async () => {
        const seen = await settled();
        const status = await project.status();
        return isDeepStrictEqual(await settled(), seen) && { status, seen };
      }),
    async expectOneStack() {
      expect(await project.status()).toMatchObject({
        stack: 'up',
        healthy: true,
        desired: 'up',
        orphans: [],
        instance: { pid: picture().servers[0] },
      });
      expect(picture()).toMatchObject({ servers: [expect.any(Number)], webs: [expect.any(Number)] });
    },
    async expectNone() {
      expect(picture()).toEqual({ servers: [], webs: [] });
      expect(existsSync(project.socket)).toBe(false);
      expect(await project.status()).toMatchObject({
        stack: 'down',
        desired: 'down',
        instance: null,
        orphans: [],
      });
    },
    expectNothingForeignTouched() {
      expect(decoys.touched).toEqual([]);
      const touched = left.filter(({ id, termed }) => !isAlive(id) || termed()).map(({ what }) => what);
      expect(touched).toEqual([]);
    },
    async [Symbol.asyncDispose]() {
      await decoys[Symbol.asyncDispose]();
      for (const run of project.services.of('browser')) run.signal('SIGKILL');
      // Everything in it descends from the server of this test's own socket.
      await project.program(['tmux', '-S', tmux, 'kill-server']).finished;
      for (const { id } of left) signalProcess(id, 'SIGKILL');
      await eventually('the end of what had left', () => !left.some(({ id }) => isAlive(id)));
      await project[Symbol.asyncDispose]();
    },
  };
}

/** Whatever `status` says is what is there. */
export function expectTrue(status: StatusReport, { servers, webs }: Picture): void {
  expect(status.instance?.pid ?? null).toBe(servers[0] ?? null);
  if (servers.length > 0) expect(status.orphans).toEqual([]);
  else {
    expect(status.stack).toBe('down');
    expect(status.orphans.map(({ pid }) => pid)).toEqual(webs);
  }
}
