import { expect, test } from 'vitest';
import { freePort } from '../../rig/free-port.ts';
import { devenvProject } from '../../rig/devenv.ts';
import { eventually } from '../../rig/until.ts';

test.each(['1.11', '2.2'] as const)(
  'devenv %s: process.manager.before and after run around every start and stop, as devenv itself runs them',
  async (release) => {
    await using rig = await devenvProject({ release });
    const { project } = rig;
    const web = await freePort();
    const hooks = rig.at('.hooks');
    const say = (word: string): string => `echo ${word} >> ${hooks}`;
    const declare = (name: string): void =>
      rig.declare(
        { [name]: { exec: project.services.command(name, '--listen', web) } },
        {
          process: {
            manager: {
              implementation: 'process-compose',
              before: say('before'),
              // Processes of its own, once the server is gone.
              after: `kill -0 $backgroundPID 2>/dev/null || { sleep 0.2; ${say('after')}; }`,
            },
          },
        },
      );
    const ran = (): readonly string[] => rig.read('.hooks').trim().split('\n');

    declare('web');
    await project.run(['start', '-d']);
    expect(ran()).toEqual(['before']);
    declare('api');
    const restarted = await project.run(['restart']);
    expect(restarted.code, restarted.all).toBe(0);
    expect(ran()).toEqual(['before', 'after', 'before']);
    const stopped = await project.run(['stop']);
    expect(stopped.code, stopped.all).toBe(0);
    expect(ran()).toEqual(['before', 'after', 'before', 'after']);

    const runs = project.services.runs.length;
    await rig.devenv(['up', '-d']);
    await eventually('the service', () => project.services.runs.length > runs);
    expect((await project.run(['stop'])).code).toBe(0);
    expect(ran().slice(4)).toEqual(['before', 'after']);
    expect(project.living).toEqual([]);
  },
);
