import { expect, test } from 'vitest';
import type { ReleaseName } from '../../devenv-stand-in/releases.ts';
import { devenvProject } from '../../rig/devenv.ts';
import { freePort } from '../../rig/free-port.ts';

test.each<ReleaseName>(['2.1', '2.2'])(
  'devenv %s, native: start, status, restart and stop, as with any other stack',
  async (release) => {
    await using rig = await devenvProject({ release, manager: 'native' });
    const { project } = rig;
    const [web, api] = [await freePort(), await freePort()];
    rig.declareServices({ web, api });

    const started = await project.run(['start', '-d']);
    expect(started.code, started.all).toBe(0);
    const up = await project.status();
    expect(up).toMatchObject({
      backend: 'devenv',
      manager: 'native',
      stack: 'up',
      healthy: true,
      freshness: { verdict: 'fresh', reasons: [] },
      instance: { owner: 'upkeep', endpoint: `unix:${rig.runtime}/processes/native.sock` },
    });
    expect(up.services.map(({ name, role, fresh }) => [name, role, fresh])).toEqual([
      ['api', 'code', 'fresh'],
      ['web', 'code', 'fresh'],
    ]);
    expect(up.services.map(({ pid }) => pid)).toEqual(
      ['api', 'web'].map((n) => project.services.of(n)[0]?.pid),
    );
    const [first] = project.services.of('web');

    // A new process, and one that goes.
    const admin = await freePort();
    rig.declareServices({ web, admin });
    const restarted = await project.run(['restart']);
    expect(restarted.code, restarted.all).toBe(0);
    expect(first?.alive).toBe(false);
    expect(project.services.alive.map(({ name }) => name).toSorted()).toEqual(['admin', 'web']);
    expect(await project.status()).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });

    const stopped = await project.run(['stop']);
    expect(stopped.code, stopped.all).toBe(0);
    console.log(stopped.all, restarted.all);
    expect(project.living).toEqual([]);
  },
);
