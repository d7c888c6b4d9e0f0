import { expect, test } from 'vitest';
import type { DevenvProject } from '../../rig/devenv.ts';
import { devenvProject } from '../../rig/devenv.ts';
import { freePort } from '../../rig/free-port.ts';
import { openUpkeep } from '../../rig/terminal.ts';
import { eventually } from '../../rig/until.ts';

const ctrlC = '\u0003';

const entering = (rig: DevenvProject, then: string): void => {
  const good = rig.read('devenv.nix');
  rig.write('devenv.nix', good.replace(/\n\}\n$/, `\n  enterShell = "touch entered; ${then}";\n}\n`));
};

test('Ctrl-C while devenv evaluates ends a start in the foreground at once, and leaves nothing', async () => {
  await using rig = await devenvProject({ settings: { fail: 'hang-evaluating' } });
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  const evaluating = rig.evaluating();
  await using terminal = openUpkeep(project, ['start']);
  await evaluating;
  terminal.type(ctrlC);
  expect(await terminal.ended).toBe(130);
  await eventually('the end of everything', () => project.living.length === 0);
  expect(await project.status()).toMatchObject({ stack: 'down' });
  rig.configure({ fail: null });
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
});

test('Ctrl-C while enterShell runs ends a start in the foreground at once, and leaves nothing', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  entering(rig, 'sleep 1000');
  await using terminal = openUpkeep(project, ['start']);
  await eventually('enterShell', () => rig.has('entered'));
  terminal.type(ctrlC);
  expect(await terminal.ended).toBe(130);
  expect(project.living).toEqual([]);
  expect(rig.has('.devenv/processes.pid')).toBe(false);
  expect(await project.status()).toMatchObject({ stack: 'down' });
});

test('Ctrl-C while enterShell runs behind the stop of a `restart` gives the start up at once, and says what is left', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  const good = rig.read('devenv.nix');
  await project.run(['start', '-d']);
  entering(rig, 'sleep 1000');
  await using terminal = openUpkeep(project, ['restart']);
  await eventually('enterShell', () => rig.has('entered'));
  terminal.type(ctrlC);
  expect(await terminal.ended).toBe(130);
  expect(terminal.text()).toMatch(/interrupted\.\s+Nothing is left of what it began, and the stack is down/);
  expect(project.living).toEqual([]);
  expect(await project.status()).toMatchObject({ stack: 'down', desired: 'down', unfinished: null });
  rig.write('devenv.nix', good);
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
});

test('Ctrl-C while `restart` evaluates leaves the stack as it was', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const before = project.living.map(({ pid }) => pid);
  rig.configure({ fail: 'hang-evaluating' });
  rig.write('devenv.nix', `# a word\n${rig.read('devenv.nix')}`);
  const evaluating = rig.evaluating();
  await using terminal = openUpkeep(project, ['restart']);
  await evaluating;
  terminal.type(ctrlC);
  expect(await terminal.ended).toBe(130);
  expect(terminal.text()).toContain('Nothing was touched');
  await eventually('only the stack lives', () => project.living.length === before.length);
  expect(project.living.map(({ pid }) => pid)).toEqual(before);
});

test('an enterShell that fails is told with its words, and leaves nothing', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  entering(rig, 'echo no such luck >&2; exit 3');
  const refused = await project.run(['start', '-d']);
  expect(refused.code, refused.all).toBe(1);
  expect(refused.stderr).toContain('no such luck');
  expect(project.living).toEqual([]);
});

test('an enterShell that takes its time is waited for, which is said', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  entering(rig, 'until [ -e go ]; do sleep 0.05; done');
  const starting = project.begin(['start', '-d']);
  await eventually('it is said', () => starting.stderr().includes('waiting for the supervisor to answer'));
  rig.write('go', '');
  const started = await starting.finished;
  expect(started.code, started.all).toBe(0);
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });
});
