import { join } from 'node:path';
import { expect, test } from 'vitest';
import { headless, onTerminal } from '../../rig/external.ts';
import { freePort } from '../../rig/free-port.ts';
import type { TestProject } from '../../rig/project.ts';
import { temporaryProject } from '../../rig/project.ts';
import { eventually } from '../../rig/until.ts';
import { watch } from '../../rig/watching.ts';

async function oneService(): Promise<TestProject> {
  const project = await temporaryProject();
  project.write('src/a.ts', 'old');
  project.write('barrier.ts', '');
  project.declareServices({ web: await freePort() });
  return project;
}

test('a stack that somebody started in the background is restarted for a save, on its own endpoint', async () => {
  await using project = await oneService();
  const path = join(project.home, 'own.sock');
  const external = await headless(project, { kind: 'unix', path });
  await project.services.next('web');
  await using watching = await watch(project);
  expect(watching.told('stack')).toMatchObject([
    { because: expect.stringContaining('started outside upkeep') },
  ]);
  expect(await watching.restarts(() => project.write('src/a.ts', 'new'))).toHaveLength(1);
  expect(external.alive()).toBe(false);
  expect(await project.status()).toMatchObject({
    healthy: true,
    instance: { endpoint: `unix:${path}` },
    freshness: { verdict: 'fresh' },
  });
  expect(project.servers).toHaveLength(1);
});

test('a stack on a terminal is never restarted by the watcher, which says once what does', async () => {
  await using project = await oneService();
  const path = join(project.home, 'own.sock');
  const external = await onTerminal(project, { kind: 'unix', path });
  await using terminal = external.terminal;
  await project.services.next('web');
  await using watching = await watch(project);
  expect(watching.told('stack')).toMatchObject([{ because: expect.stringContaining('`upkeep restart`') }]);
  project.write('src/a.ts', 'new');
  expect(await watching.next('degraded')).toMatchObject({
    because: expect.stringContaining('`upkeep restart`'),
  });
  await watching.rests();
  project.write('src/a.ts', 'old');
  expect(await watching.restartsAfterBarrier(0, 'barrier.ts')).toEqual([]);
  expect(external.alive()).toBe(true);
  expect(terminal.isOpen()).toBe(true);
  expect(watching.told('degraded')).toHaveLength(1);
  await project.run(['stop']);
  await eventually('the terminal closes', () => !terminal.isOpen());
});
