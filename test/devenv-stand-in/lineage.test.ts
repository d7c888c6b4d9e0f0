/** What the real ones let through to every process of a stack (measured): the environment, and descriptor 63. */
import { openSync, closeSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { DevenvProject } from '../rig/devenv.ts';
import { devenvProject } from '../rig/devenv.ts';
import { eventually } from '../rig/until.ts';

function holders(p: DevenvProject, canary: string): readonly string[] {
  const { ino } = statSync(canary);
  return p.project.living
    .filter(({ pid }) => statSync(`/proc/${pid}/fd/63`, { throwIfNoEntry: false })?.ino === ino)
    .map(({ command }) => command);
}

async function started(p: DevenvProject, args: readonly string[]): Promise<readonly string[]> {
  const canary = p.write('canary', '');
  const fd = openSync(canary, 'a');
  const moreDescriptors = [...Array<'ignore'>(60).fill('ignore'), fd];
  p.begin(args, { env: { PC_TUI_ENABLED: '0' }, moreDescriptors });
  closeSync(fd);
  await p.project.services.next('web');
  await eventually('the whole stack lives', () => p.project.living.length > 1);
  return holders(p, canary);
}

test('through `devenv shell -- SCRIPT`: wrapper, process-compose, devenv-tasks and service', async () => {
  await using p = await devenvProject({ git: false, leftovers: 'end' });
  p.declare({ web: { exec: p.project.services.command('web') } });
  const { stdout } = await p.devenv(['build', 'procfileScript']);
  const found = await started(p, ['shell', '--', stdout.trim()]);
  for (const pattern of [/-devenv-up$/, /\/process-compose .* up$/, /devenv-tasks run/, /service-child/])
    expect(found).toContainEqual(expect.stringMatching(pattern));
  expect(found).toHaveLength(p.project.living.length);
});

test('through `devenv up -d` of the native manager: daemon and service', async () => {
  await using p = await devenvProject({ git: false, leftovers: 'end', release: '2.2' });
  p.declare({ web: { exec: p.project.services.command('web') } });
  const found = await started(p, ['up', '-d']);
  for (const pattern of [/daemon-processes/, /service-child/])
    expect(found).toContainEqual(expect.stringMatching(pattern));
});
