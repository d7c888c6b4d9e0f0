import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StandInSettings } from '../../devenv-stand-in/settings.ts';
import { devenvProject } from '../../rig/devenv.ts';
import { freePort } from '../../rig/free-port.ts';
import { eventually } from '../../rig/until.ts';
import { watch } from '../../rig/watching.ts';

type Text = (good: string) => string;

const into =
  (line: string): Text =>
  (good) =>
    good.replace(/\n\}\n$/, `\n  ${line}\n}\n`);

test.each<readonly [string, Text, RegExp, boolean]>([
  ['a syntax error', (good) => good.replace('exec =', 'exec'), /syntax error/, true],
  ['an undefined variable', into('packages = [ pkgz.hello ];'), /undefined variable/, true],
  ['an unknown option', into('processez.web.exec = "x";'), /processez.*does not exist/, true],
  ['a wrong type', into('env = 5;'), /env.*not of type/, true],
  [
    'a failed assertion',
    into('assertions = [ { assertion = false; message = "no luck"; } ];'),
    /no luck/,
    false,
  ],
  ['a throw', into('env.A = throw "set it first";'), /set it first/, false],
  ['no processes', () => '{ ... }: { }\n', /no processes/, false],
])('%s in devenv.nix: exit 6, the place, and the stack untouched', async (_, text, words, hasLine) => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const before = project.living.map(({ pid }) => pid);
  const good = rig.read('devenv.nix');
  rig.write('devenv.nix', text(good));
  const refused = await project.run(['restart']);
  expect(refused.code, refused.all).toBe(6);
  expect(refused.stderr).toMatch(words);
  expect(refused.stderr).toMatch(hasLine ? /devenv\.nix:\d+:\d+: / : /devenv\.nix: /);
  expect(refused.stderr.split('\n').length).toBeLessThan(12);
  expect(project.living.map(({ pid }) => pid)).toEqual(before);
  rig.write('devenv.nix', good);
  const mended = await project.run(['restart']);
  expect(mended.code, mended.all).toBe(0);
});

test('a devenv.yaml that cannot be read is told with its line, and stop works meanwhile', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  rig.write('devenv.yaml', 'inputs:\n  nixpkgs: [\n');
  const refused = await project.run(['restart']);
  expect(refused.code, refused.all).toBe(6);
  expect(refused.stderr).toMatch(/devenv\.yaml:\d+:\d+: /);
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });
  expect((await project.run(['stop'])).code).toBe(0);
});

test.each<readonly [StandInSettings, number, RegExp]>([
  [{ fail: 'network' }, 1, /network/],
  [{ fail: 'no-space' }, 1, /room/],
  [{ fail: 'killed' }, 1, /memory/],
  [{ fail: 'silent' }, 1, /said nothing[^]*by hand/],
  [{ fail: 'old' }, 1, /'print-dev-env'[^]*too old[^]*`devenv up` starts/],
  [{ fail: 'secretspec' }, 6, /DATABASE_URL[^]*secretspec check/],
  [{ fail: 'lock' }, 6, /nixpkgs[^]*devenv update/],
  [{ fail: 'build' }, 6, /builder for/],
])(
  'an evaluation that fails with %j: the stack keeps running, and the message names the next move',
  async (settings, code, words) => {
    await using rig = await devenvProject();
    const { project } = rig;
    rig.declareServices({ web: await freePort() });
    await project.run(['start', '-d']);
    const before = project.living.map(({ pid }) => pid);
    rig.write('devenv.nix', `${rig.read('devenv.nix')}\n# another evaluation\n`);
    rig.configure(settings);
    const refused = await project.run(['restart']);
    expect(refused.code, refused.all).toBe(code);
    expect(refused.stderr).toMatch(words);
    expect(project.living.map(({ pid }) => pid)).toEqual(before);
    rig.configure({ fail: null });
    const restarted = await project.run(['restart']);
    expect(restarted.code, restarted.all).toBe(0);
  },
);

test('an evaluation that hangs is ended with all that it started when its time is over', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const before = project.living.map(({ pid }) => pid);
  rig.configure({ fail: 'hang' });
  const settings = JSON.parse(rig.read('upkeep.yaml'));
  rig.write('upkeep.yaml', JSON.stringify({ ...settings, devenv: { timeout: '1s' } }));
  const refused = await project.run(['restart']);
  expect(refused.code, refused.all).toBe(1);
  expect(refused.stderr).toMatch(/not done after 1 s[^]*timeout/);
  expect(project.living.map(({ pid }) => pid)).toEqual(before);
});

test('devenv is missing: it is said with the ways to get it, and everything that needs none works', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const [devenv, away] = [join(rig.bin, 'devenv'), join(rig.bin, 'away')];
  renameSync(devenv, away);
  const refused = await project.run(['restart']);
  expect(refused.code, refused.all).toBe(1);
  expect(refused.stderr).toMatch(/cannot get devenv[^]*nix profile install/);
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });
  expect((await project.run(['logs'])).code).toBe(0);
  const stopped = await project.run(['stop']);
  expect(stopped.code, stopped.all).toBe(0);
  renameSync(away, devenv);
});

test('files that cannot be read as such are told by name, without waiting for them', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const before = project.living.map(({ pid }) => pid);
  const calls = rig.calls.length;
  const good = rig.at('good.nix');
  renameSync(rig.at('devenv.nix'), good);
  const fifo = (path: string): void => void execFileSync('mkfifo', [path]);
  const refusals: readonly (readonly [string, (path: string) => void, RegExp])[] = [
    ['devenv.nix', (path) => mkdirSync(path), /is a directory/],
    ['devenv.nix', (path) => symlinkSync('nowhere', path), /is a symbolic link to nowhere/],
    ['devenv.nix', fifo, /is not a regular file/],
    ['.env', fifo, /is a fifo that nobody writes to/],
  ];
  for (const [name, spoil, words] of refusals) {
    const path = rig.at(name);
    if (name === '.env') renameSync(good, rig.at('devenv.nix'));
    spoil(path);
    const refused = await project.run(['restart']);
    expect(refused.code, refused.all).toBe(6);
    expect(refused.stderr).toMatch(words);
    expect(refused.stderr).toContain(`${path}: `);
    rmSync(path, { recursive: true });
  }
  expect(project.living.map(({ pid }) => pid)).toEqual(before);
  expect(rig.calls.length).toBe(calls);
});

test('a devenv.nix that is gone is a broken configuration, and the stack goes on', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  rmSync(rig.at('devenv.nix'));
  const refused = await project.run(['restart']);
  expect(refused.code, refused.all).toBe(6);
  expect(refused.stderr).toContain('devenv.nix');
  expect(await project.status()).toMatchObject({ stack: 'up', backend: 'devenv' });
});

test('a save that breaks devenv.nix during the stop starts what was validated', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  const [web, api] = [await freePort(), await freePort()];
  rig.declareServices({ web }, { web: '--hold-term' });
  await project.run(['start', '-d']);
  const first = await project.services.next('web');
  rig.declareServices({ web, api });
  const restarting = project.begin(['restart']);
  await first.gotTerm();
  const good = rig.read('devenv.nix');
  rig.write('devenv.nix', 'broken {');
  project.services.letGo();
  const restarted = await restarting.finished;
  expect(restarted.code, restarted.all).toBe(6);
  expect(restarted.stderr).toContain('The last good configuration is running');
  expect(project.services.alive.map(({ name }) => name).toSorted()).toEqual(['api', 'web']);
  expect(project.services.alive.at(-1)?.env).toMatchObject({ DEVENV_ROOT: rig.root });
  rig.write('devenv.nix', good);
  expect((await project.run(['restart'])).code).toBe(0);
});

test('an edit during an evaluation is what runs in the end, after one restart', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  const ports = [await freePort(), await freePort(), await freePort()];
  const [a = 0, b = 0, c = 0] = ports;
  rig.declareServices({ web: a });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const evaluations = rig.evaluations.length;
  rig.configure({ fail: 'hang-evaluating' });
  await watching.atOnce(() => rig.declareServices({ web: b }));
  await eventually('the evaluation', () => rig.evaluations.length > evaluations);
  rig.configure({ fail: null });
  expect(await watching.restartsAtOnce(() => rig.declareServices({ web: c }))).toHaveLength(1);
  expect((await project.status()).services).toMatchObject([{ name: 'web', ports: [c], verdict: 'ok' }]);
  expect(await watching.restartsAfterBarrier(0, 'devenv.nix')).toHaveLength(1);
});

test('an evaluation leaves nothing in the project but devenv’s own', async () => {
  for (const release of ['1.0', '1.11'] as const) {
    await using rig = await devenvProject({ release });
    rig.declareServices({ web: await freePort() });
    const before = readdirSync(rig.root);
    expect((await rig.project.run(['restart', '--dry-run'])).code).toBe(0);
    const written = readdirSync(rig.root).filter((name) => !before.includes(name));
    expect(written.toSorted()).toEqual(['.devenv', '.devenv.flake.nix', 'devenv.lock']);
  }
});
