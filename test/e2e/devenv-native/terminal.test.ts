import { expect, test } from 'vitest';
import { signalProcess } from '../../../src/processes/signal.ts';
import { freePort } from '../../rig/free-port.ts';
import { nativeProject, settled } from '../../rig/native.ts';
import { pausedAt } from '../../rig/paused.ts';
import { openUpkeep } from '../../rig/terminal.ts';
import { eventually } from '../../rig/until.ts';

test('attach shows devenv’s own view, follows a restart, and leaving it leaves the stack', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await settled(rig);
  const web = await project.services.next('web');
  await using terminal = openUpkeep(project, ['attach']);
  await eventually('its view', () => rig.calls.includes('processes attach'));
  await web.print('first words');
  await terminal.shows(/web \| first words/);
  const restart = await pausedAt(project, ['restart'], 'planned');
  // As devenv ends its views: before its manager.
  for (const view of project.living.filter(({ command }) => command.endsWith('processes attach')))
    signalProcess(view, 'SIGKILL');
  await terminal.shows(/waiting for it to come back/);
  restart.goOn();
  expect((await restart.running.finished).code).toBe(0);
  const again = await project.services.next('web');
  await again.print('after the restart');
  await terminal.shows(/after the restart/);
  terminal.type('\u0003');
  expect(await terminal.ended).toBe(0);
  expect(again.alive).toBe(true);
});

test.each(['2.1', '2.2'] as const)(
  'devenv %s: start in a terminal shows the services, and leaving it stops the stack',
  async (release) => {
    await using rig = await nativeProject({ release });
    const { project } = rig;
    rig.declareServices({ web: await freePort() });
    await using terminal = openUpkeep(project, ['start']);
    const web = await project.services.next('web');
    await eventually('a healthy stack', async () => (await project.status()).healthy);
    await web.print('hello');
    await terminal.shows(/hello/);
    terminal.type('\u0003');
    expect(await terminal.ended).toBe(0);
    expect(project.living).toEqual([]);
  },
);

test('logs -f follows both outputs of a process, each line once, in the order in which they came', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declare({
    web: { exec: project.services.command('web') },
    talk: { exec: 'echo out 1; echo err 1 >&2; exec sleep 1000' },
  });
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  const following = project.begin(['logs', '-f', 'web']);
  for (const word of ['one', 'two', 'three']) {
    await web.print(word);
    await eventually(word, () => following.stdout().includes(word));
  }
  expect(following.stdout().trim().split('\n')).toEqual(['one', 'two', 'three']);
  following.signal('SIGINT');
  await following.finished;
  expect((await project.run(['logs', 'talk'])).stdout).toBe('out 1\nerr 1\n');
  expect((await project.run(['logs', '-n', '1', 'web'])).stdout).toBe('three\n');
});
