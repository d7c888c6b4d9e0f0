import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DevenvProject } from '../../rig/devenv.ts';
import { devenvProject } from '../../rig/devenv.ts';
import { freePort } from '../../rig/free-port.ts';
import { eventually } from '../../rig/until.ts';
import { watch } from '../../rig/watching.ts';

const names = (rig: DevenvProject): readonly string[] =>
  rig.project.services.alive.map(({ name }) => name).toSorted();

const into = (good: string, line: string): string => good.replace(/\n\}\n$/, `\n  ${line}\n}\n`);

test('a syntax error is told at once: devenv is not even called', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const calls = rig.calls.length;
  rig.write('devenv.nix', rig.read('devenv.nix').replace('exec =', 'exec'));
  const refused = await project.run(['restart']);
  expect(refused.code, refused.all).toBe(6);
  expect(refused.stderr).toMatch(/devenv\.nix:\d+:\d+: syntax error[^]*\n\s+\d+\| .*\n\s+\| +\^/);
  expect(rig.calls).toHaveLength(calls);
});

test('an edit during the evaluation of `restart` starts the evaluation over, and the stack stops once', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  const [a, b, c] = [await freePort(), await freePort(), await freePort()];
  rig.declareServices({ web: a });
  await project.run(['start', '-d']);
  rig.declareServices({ web: b });
  const hold = join(rig.bin, 'hold');
  writeFileSync(hold, '');
  rig.configure({ hold });
  const evaluating = rig.evaluating();
  const restarting = project.begin(['restart']);
  await evaluating;
  rig.declareServices({ web: c });
  rmSync(hold);
  const restarted = await restarting.finished;
  expect(restarted.code, restarted.all).toBe(0);
  expect((await project.status()).services).toMatchObject([{ name: 'web', ports: [c], verdict: 'ok' }]);
  expect(project.services.of('web')).toHaveLength(2);
});

test('another layout of devenv.nix is evaluated and restarts nothing', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const [before] = project.services.alive;
  rig.write('devenv.nix', rig.read('devenv.nix').replaceAll(' = ', '\n=\n'));
  await watching.next('restart.end', { outcome: 'no-change' });
  expect(await watching.rests()).toBe('idle');
  expect(project.services.alive).toEqual([before]);
});

test('an imported file, one only looked for, a new one in a directory that was read, and all of one that is copied are inputs', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  const exec = (name: string): string => JSON.stringify(project.services.command(name));
  mkdirSync(rig.at('more'));
  rig.write('more/one.txt', '');
  rig.write('conf/sub/x', '1');
  rig.write('nix/api.nix', `{ ... }: { processes.api.exec = ${exec('api')}; }\n`);
  const lines = [
    'imports = [ ./nix/api.nix ];',
    'env.LISTED = builtins.toString (builtins.attrNames (builtins.readDir ./more));',
    'env.COPIED = "${./conf}";',
    'env.PROBED = if builtins.pathExists ./probed.txt then "yes" else "no";',
  ];
  rig.write('devenv.nix', into(rig.read('devenv.nix'), lines.join('\n  ')));
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  await project.services.next('api');
  expect(names(rig)).toEqual(['api', 'web']);
  await using watching = await watch(project);
  const saves: readonly (readonly [string, string])[] = [
    ['nix/api.nix', `{ ... }: { processes.other.exec = ${exec('other')}; }\n`],
    ['probed.txt', ''],
    ['more/two.txt', ''],
    ['conf/sub/x', '2'],
    ['devenv.local.nix', '{ ... }: { env.LOCAL = "1"; }\n'],
  ];
  for (const [path, text] of saves)
    expect(await watching.restarts(() => rig.write(path, text)), path).toHaveLength(1);
  // Started with each of the saves; the last one lives.
  await eventually('other has said so', () => names(rig).includes('other'));
  expect(names(rig)).toEqual(['other', 'web']);
  const env = project.services.alive.find(({ name }) => name === 'web')?.env;
  expect(env).toMatchObject({ PROBED: 'yes', LISTED: 'one.txt two.txt', LOCAL: '1' });
  expect(project.services.of('web')[0]?.env['COPIED']).toMatch(/-conf$/);
  expect(env?.['COPIED']).not.toBe(project.services.of('web')[0]?.env['COPIED']);
});

test('our own evaluation writes devenv.lock and .devenv, and that is no change', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  const [a, b] = [await freePort(), await freePort()];
  rig.declareServices({ web: a });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  // The next evaluation writes it anew.
  rmSync(rig.at('devenv.lock'));
  await watching.next('restart.end');
  await watching.rests();
  const mark = watching.mark();
  expect(await watching.restartsAtOnce(() => rig.declareServices({ web: b }))).toHaveLength(1);
  expect(rig.has('devenv.lock')).toBe(true);
  expect(await watching.restartsAfterBarrier(mark, 'devenv.nix')).toHaveLength(1);
  expect(watching.told('change', mark).flatMap(({ paths }) => paths)).not.toContain('devenv.lock');
});

test('what somebody else writes into devenv.lock is looked at', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  rig.write('devenv.lock', `${rig.read('devenv.lock')}\n`);
  expect(await watching.next('restart.end')).toMatchObject({ outcome: 'no-change' });
  expect(await watching.rests()).toBe('idle');
});

test('a .env that appears, changes and goes away is one restart each', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  expect(await watching.restarts(() => rig.write('.env', 'A=1\n'))).toHaveLength(1);
  expect(await watching.restarts(() => rig.write('.env', 'A=2\n'))).toHaveLength(1);
  expect(await watching.restarts(() => rmSync(rig.at('.env')))).toHaveLength(1);
});

test('an evaluation that failed for want of the network is tried again by the watcher, without an edit', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  const [a, b] = [await freePort(), await freePort()];
  rig.declareServices({ web: a });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const before = project.services.alive.map(({ pid }) => pid);
  rig.configure({ fail: 'network' });
  rig.declareServices({ web: b });
  await watching.next('restart.end', { outcome: 'failed' });
  expect(await watching.rests()).toBe('backoff');
  expect(project.services.alive.map(({ pid }) => pid)).toEqual(before);
  rig.configure({ fail: null });
  await watching.next('restart.end', { outcome: 'ok' });
  expect((await project.status()).services).toMatchObject([{ name: 'web', ports: [b], verdict: 'ok' }]);
});

test('an unchanged devenv.nix that was only touched is not evaluated', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const calls = rig.calls.length;
  await watching.barrier('devenv.nix');
  utimesSync(rig.at('devenv.nix'), new Date(), new Date());
  await watching.barrier('devenv.nix');
  expect(rig.calls).toHaveLength(calls);
});
