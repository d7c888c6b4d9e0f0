import { expect, test } from 'vitest';
import type { ReleaseName } from '../../devenv-stand-in/releases.ts';
import { devenvProject } from '../../rig/devenv.ts';
import { freePort } from '../../rig/free-port.ts';

const releases: readonly ReleaseName[] = ['1.0', '1.4', '1.6', '1.8', '1.10', '1.11', '2.0', '2.1', '2.2'];

test.each(releases)(
  'devenv %s: start, status, restart and stop, as with any other stack',
  async (release) => {
    await using rig = await devenvProject({
      release,
      ...(release.startsWith('2') ? { manager: 'process-compose' } : {}),
    });
    const { project } = rig;
    const [web, api] = [await freePort(), await freePort()];
    rig.declareServices({ web, api });

    const started = await project.run(['start', '-d']);
    expect(started.code, started.all).toBe(0);
    const up = await project.status();
    expect(up).toMatchObject({
      backend: 'devenv',
      manager: 'process-compose',
      stack: 'up',
      healthy: true,
      freshness: { verdict: 'fresh', reasons: [] },
      instance: { owner: 'upkeep', endpoint: `unix:${rig.runtime}/pc.sock` },
    });
    expect(up.services.map(({ name, role, fresh }) => [name, role, fresh])).toEqual([
      ['api', 'code', 'fresh'],
      ['web', 'code', 'fresh'],
    ]);
    const [first] = project.services.of('web');

    // A new process, and one that goes.
    const admin = await freePort();
    rig.declareServices({ web, admin });
    const restarted = await project.run(['restart']);
    expect(restarted.code, restarted.all).toBe(0);
    expect(first?.alive).toBe(false);
    expect(project.services.alive.map(({ name }) => name).toSorted()).toEqual(['admin', 'web']);
    expect(await project.status()).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });

    const pid = Number(rig.read('.devenv/processes.pid'));
    expect(project.living.map((row) => row.pid)).toContain(pid);
    const stopped = await project.run(['stop']);
    expect(stopped.code, stopped.all).toBe(0);
    expect(project.living).toEqual([]);
    expect(rig.has('.devenv/processes.pid')).toBe(false);
  },
);
