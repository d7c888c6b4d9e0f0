/** What an evaluation does and prints, as measured on the real devenv. */
import { existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { DevenvProject } from '../rig/devenv.ts';
import { devenvProject } from '../rig/devenv.ts';
import type { ReleaseName } from './releases.ts';

const web = '{ pkgs, ... }: {\n  processes.web.exec = "sleep 1";\n}\n';

const gate = async (p: DevenvProject): Promise<string> => {
  const { code, stderr } = await p.devenv(['print-dev-env']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return p.target('gc/shell');
};

/** An edit some seconds after the last evaluation, so that the cache's seconds do not hide it. */
let age = 1_000;
const edit = (p: DevenvProject, text: string, path = 'devenv.nix'): void =>
  p.writeAged(path, text, (age -= 5));

describe('print-dev-env', () => {
  test('prints the environment on stdout and leaves neither run, profile nor state', async () => {
    await using p = await devenvProject({ nix: web });
    const { code, stdout, stderr } = await p.devenv(['print-dev-env']);
    expect(code).toBe(0);
    expect(stdout).toContain(`PC_CONFIG_FILES='${p.bin}/nix/store/`);
    expect(stdout).toContain(`PC_SOCKET_PATH='${p.runtime}/pc.sock'`);
    expect(stdout).toMatch(/DEVENV_TASK_FILE='\S+-tasks\.json'/);
    expect(stderr).toMatch(/^Building shell in [\d.]+m?s\n$/);
    expect(p.target('gc/shell')).toMatch(/-devenv-shell-env$/);
    for (const name of ['run', 'profile', 'state', 'processes']) expect(p.has('.devenv', name)).toBe(false);
  });

  test('without processes is for 1.11 an option that nobody set, for 1.10 a shell that names no YAML', async () => {
    await using p = await devenvProject({ nix: '{ env.A = "1"; }' });
    const { code, stderr } = await p.devenv(['print-dev-env']);
    expect(code).toBe(1);
    expect(stripVTControlCharacters(stderr)).toContain(
      "error: The option `process.managers.process-compose.configFile' was accessed but has no value defined.",
    );
    expect((await p.devenv(['build', 'procfileScript'])).stdout).toMatch(/-no-processes\n$/);
    p.configure({ release: '1.10' });
    expect((await p.devenv(['print-dev-env'])).stdout).not.toContain('PC_CONFIG_FILES');
  });

  test('keeps gc/shell for a touch, a comment, a blank line and a revert', async () => {
    await using p = await devenvProject({ nix: web, files: { 'more.nix': '{ }' } });
    edit(p, web.replace('{\n', '{\n  imports = [ ./more.nix ];\n'));
    const first = await gate(p);
    const text = p.read('devenv.nix');
    utimesSync(p.at('devenv.nix'), 1_000, 1_000);
    expect(await gate(p)).toBe(first);
    edit(p, `# a comment\n\n${text}`);
    expect(await gate(p)).toBe(first);
    edit(p, text.replace('sleep 1', 'sleep 2'));
    expect(await gate(p)).not.toBe(first);
    edit(p, text);
    expect(await gate(p)).toBe(first);
    edit(p, '# of an import\n{ }', 'more.nix');
    expect(await gate(p)).toBe(first);
  });

  test.for([
    ['a command', web.replace('sleep 1', 'sleep 3')],
    ['a variable', web.replace('}\n', '}\n').replace('processes', 'env.A = "1";\n  processes')],
    ['a package', web.replace('processes', 'packages = [ pkgs.git ];\n  processes')],
    ['enterShell', web.replace('processes', 'enterShell = "true";\n  processes')],
  ] as const)('moves gc/shell for %s', async ([, text]) => {
    await using p = await devenvProject();
    edit(p, web);
    const first = await gate(p);
    edit(p, text);
    expect(await gate(p)).not.toBe(first);
  });

  test('moves gc/shell for .env, a file that is read, and a new file in a directory that is read', async () => {
    await using p = await devenvProject();
    edit(
      p,
      `{ pkgs, lib, ... }: {
        dotenv.enable = true;
        env.READ = lib.fileContents ./name.txt;
        env.LIST = toString (builtins.attrNames (builtins.readDir ./list));
        processes.web.exec = "true";
      }`,
    );
    edit(p, 'A=1\n', '.env');
    edit(p, 'one\n', 'name.txt');
    edit(p, '', 'list/a');
    const seen = new Set([await gate(p)]);
    for (const [path, text] of [
      ['.env', 'A=2\n'],
      ['name.txt', 'two\n'],
      ['list/b', ''],
    ] as const) {
      edit(p, text, path);
      if (path.startsWith('list')) utimesSync(p.at('list'), (age -= 5), age);
      seen.add(await gate(p));
    }
    expect(seen.size).toBe(4);
  });

  test('fails with exit 1 and nothing on stdout, and leaves gc and input-paths.txt alone', async () => {
    await using p = await devenvProject();
    edit(p, web);
    const first = await gate(p);
    const inputs = p.read('.devenv/input-paths.txt');
    edit(p, '{ imports = [ ./nope.nix ]; }');
    const { code, stdout } = await p.devenv(['print-dev-env']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(p.target('gc/shell')).toBe(first);
    expect(p.read('.devenv/input-paths.txt')).toBe(inputs);
  });

  test('evaluates once, and again only after an edit', async () => {
    await using p = await devenvProject();
    edit(p, web);
    await gate(p);
    await gate(p);
    expect(p.evaluations).toEqual(['shell']);
    edit(p, `${web}\n`);
    await gate(p);
    expect(p.evaluations).toEqual(['shell', 'shell']);
  });
});

describe('input-paths.txt', () => {
  test('lists inputs that are missing, read directories and imports, without a newline at the end', async () => {
    await using p = await devenvProject({
      nix: `{ imports = [ ./sub/more.nix ]; processes.web.exec = "x"; env.A = toString (builtins.attrNames (builtins.readDir ./list));
        env.B = if builtins.pathExists ./maybe then "1" else "0"; }`,
      files: { 'sub/more.nix': '{ }', 'list/a': '' },
    });
    await gate(p);
    const text = p.read('.devenv/input-paths.txt');
    expect(text.endsWith('\n')).toBe(false);
    expect(new Set(text.split('\n'))).toEqual(
      new Set(
        [
          '.devenv.flake.nix',
          '.devenv/flake.json',
          'devenv.lock',
          'devenv.nix',
          'devenv.yaml',
          'devenv.local.nix',
          'sub/more.nix',
          'list',
          'maybe',
        ].map((name) => p.at(name)),
      ),
    );
  });

  test('of 2.x has files of .devenv/bootstrap in it; 1.0 has none', async () => {
    await using p = await devenvProject({ nix: web, release: '2.2' });
    await gate(p);
    expect(p.read('.devenv/input-paths.txt')).toContain('/.devenv/bootstrap/default.nix');
    await using old = await devenvProject({ nix: web, release: '1.0' });
    await gate(old);
    expect(old.has('.devenv/input-paths.txt')).toBe(false);
  });
});

describe('the evaluation cache', () => {
  const second = (path: string): void => utimesSync(path, 1_700_000_000.2, 1_700_000_000.2);

  test('never sees the second of two writes in one second, unless it is told to refresh', async () => {
    await using p = await devenvProject({ nix: web });
    second(p.at('devenv.nix'));
    const first = await gate(p);
    p.write('devenv.nix', web.replace('sleep 1', 'sleep 2'));
    utimesSync(p.at('devenv.nix'), 1_700_000_000.9, 1_700_000_000.9);
    expect(await gate(p)).toBe(first);
    await p.devenv(['--refresh-eval-cache', 'print-dev-env']);
    expect(p.target('gc/shell')).not.toBe(first);
  });

  test('of 2.x always reads devenv.nix, but trusts the second of an import', async () => {
    await using p = await devenvProject({ release: '2.2', nix: '{ imports = [ ./more.nix ]; }' });
    p.write('more.nix', web);
    for (const name of ['devenv.nix', 'more.nix']) second(p.at(name));
    const first = await gate(p);
    p.write('more.nix', web.replace('sleep 1', 'sleep 2'));
    second(p.at('more.nix'));
    expect(await gate(p)).toBe(first);
    p.write('devenv.nix', '{ imports = [ ./more.nix ]; env.A = "1"; }');
    second(p.at('devenv.nix'));
    expect(await gate(p)).not.toBe(first);
  });

  test('does not see a file that appears in the second of the evaluation', async () => {
    await using p = await devenvProject();
    edit(p, web);
    const first = await gate(p);
    const cache = JSON.parse(p.read('.devenv/nix-eval-cache.db'));
    const [row] = Object.values(cache) as { inputs: Record<string, { second: number }> }[];
    const evaluated = row?.inputs[p.at('devenv.local.nix')]?.second ?? 0;
    const local = p.write('devenv.local.nix', '{ env.LOCAL = "1"; }');
    utimesSync(local, evaluated + 0.5, evaluated + 0.5);
    expect(await gate(p)).toBe(first);
    utimesSync(local, evaluated + 2, evaluated + 2);
    expect(await gate(p)).not.toBe(first);
  });

  test('of 1.x sees each edit of devenv.yaml, and none of devenv.local.yaml', async () => {
    await using p = await devenvProject();
    edit(p, web);
    const at = (name: string, text: string): void => utimesSync(p.write(name, text), 1_000.2, 1_000.2);
    at('devenv.yaml', 'inputs: {}\n');
    await gate(p);
    at('devenv.yaml', 'impure: true\n');
    await gate(p);
    expect(p.evaluations).toEqual(['shell', 'shell']);
    p.write('devenv.local.yaml', 'impure: true\n');
    await gate(p);
    expect(p.evaluations).toEqual(['shell', 'shell']);
  });

  test('of 1.x names a script that was collected; a shell that was is built again', async () => {
    await using p = await devenvProject({ nix: web });
    await gate(p);
    const build = async (...flags: string[]) =>
      (await p.devenv(['build', 'procfileScript', ...flags])).stdout.trim();
    const script = await build();
    rmSync(script);
    expect(await build()).toBe(script);
    expect(existsSync(script)).toBe(false);
    await build('--refresh-eval-cache');
    expect(existsSync(script)).toBe(true);
    rmSync(p.target('gc/shell'));
    expect(existsSync(await gate(p))).toBe(true);
  });

  test('of 2.1 keeps a row for a file that changed during the evaluation; 2.2 does not', async () => {
    const raced = async (release: ReleaseName): Promise<number> => {
      await using p = await devenvProject({
        release,
        nix: '{ imports = [ ./more.nix ]; }',
      });
      edit(p, web, 'more.nix');
      const hold = join(p.bin, 'hold');
      writeFileSync(hold, '');
      p.configure({ hold });
      const evaluating = p.evaluating();
      const running = p.begin(['print-dev-env']);
      await evaluating;
      // The clock that the kernel stamps files with ticks more slowly than ours, and the begin may be of this millisecond.
      const later = Date.now() / 1_000 + 1;
      utimesSync(p.write('more.nix', web.replace('sleep 1', 'sleep 2')), later, later);
      rmSync(hold);
      await running.finished;
      await gate(p);
      return p.evaluations.length;
    };
    expect(await raced('2.1')).toBe(1);
    expect(await raced('2.2')).toBe(2);
  });
});

describe('an error', () => {
  const failing = async (text: string, release: ReleaseName = '1.11', args = ['print-dev-env']) => {
    await using p = await devenvProject({ nix: text, release });
    const { code, stderr } = await p.devenv(args);
    expect(code).toBe(1);
    return { raw: stderr, text: stripVTControlCharacters(stderr), root: p.root };
  };
  /** The paragraph that helps. */
  const last = (text: string): string => {
    const body = text.slice(0, text.indexOf('Building shell in'));
    return body.slice(body.lastIndexOf('error:'));
  };

  test('of syntax has its position, colours, a trace of more than 130 lines, twice, and a box with the command line', async () => {
    const { raw, text, root } = await failing('{ pkgs, ... }: {\n  env.A = "1"\n}\n');
    expect(raw).toContain('\u001b[31;1merror:\u001b[0m');
    expect(last(text)).toMatch(/^error: syntax error, unexpected '\}', expecting ';'\n {7}at /);
    expect(last(text)).toContain(`at ${root}/devenv.nix:3:1:`);
    expect(text.match(/syntax error/g)).toHaveLength(2);
    expect(text.split('\n').length).toBeGreaterThan(260);
    expect(text).toMatch(/Error: {3}× Command\n {2}│ `\/nix\/store\/\S+\/bin\/nix\n/);
    for (const line of text.slice(text.indexOf('Error: ')).split('\n'))
      expect(line.length).toBeLessThanOrEqual(81);
  });

  test.for([
    ['an undefined variable', '{\n  env.A = foo;\n}', "undefined variable 'foo'", ':2:11:'],
    [
      'a missing attribute',
      '{ pkgs, ... }: {\n packages = [ pkgs.nope ]; }',
      "attribute 'nope' missing",
      ':2:15:',
    ],
  ] as const)('of %s has its position', async ([, nix, message, position]) => {
    const { text, root } = await failing(nix);
    expect(last(text)).toContain(`error: ${message}`);
    expect(last(text)).toContain(`at ${root}/devenv.nix${position}`);
  });

  test('of an unknown option names the file and shows the value', async () => {
    const { text, root } = await failing('{ processes.web.exce = "x"; }');
    expect(last(text)).toContain("The option `processes.web.exce' does not exist. Definition values:");
    expect(last(text)).toContain(`- In \`${root}/devenv.nix': "x"`);
  });

  test('of a wrong type names the file, which 2.x has lost', async () => {
    const nix = '{ processes.web.exec = 5; }';
    const old = await failing(nix);
    expect(last(old.text)).toContain("A definition for option `processes.web.exec' is not of type `string'.");
    expect(last(old.text)).toContain(`- In \`${old.root}/devenv.nix': 5`);
    expect((await failing(nix, '2.2')).text).toContain("- In `<unknown-file>': 5");
  });

  test('of an assertion has no position, and `build procfileScript` does not see it', async () => {
    const nix = '{ processes.web.exec = "x"; assertions = [ { assertion = false; message = "no."; } ]; }';
    const { text } = await failing(nix);
    expect(last(text)).toMatch(/Failed assertions:\n {7}- no\.\n/);
    await using p = await devenvProject({ nix });
    expect(await p.devenv(['build', 'procfileScript'])).toMatchObject({ code: 0 });
  });

  test('of devenv.yaml keeps every verb from working', async () => {
    await using p = await devenvProject({ nix: web, files: { 'devenv.yaml': 'imports:\n\t- x\n' } });
    for (const args of [['print-dev-env'], ['processes', 'down'], ['up', '-d']]) {
      const { code, stderr } = await p.devenv(args);
      expect(code).toBe(1);
      expect(stderr).toMatch(/Failed to parse configuration from: \.\/devenv\.yaml[^]* at line 2 column \d+/);
    }
  });

  test('of a missing devenv.nix, of no processes', async () => {
    await using p = await devenvProject();
    expect(await p.devenv(['up'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('× File devenv.nix does not exist.'),
    });
    p.write('devenv.nix', '{ }');
    const { code, stderr } = await p.devenv(['up', '-d']);
    expect(code).toBe(1);
    expect(stderr).toContain("No 'processes' option defined: https://devenv.sh/processes/");
    expect(stderr).toContain('× No processes defined');
  });

  test.for([
    ['network', /Could not resolve hostname/],
    ['build', /builder for '\S+\.drv' failed with exit code 1/],
    ['no-space', /No space left on device/],
    ['secretspec', /secretspec/],
    ['lock', /devenv\.lock/],
  ] as const)('that a test asks for: %s', async ([fail, words]) => {
    await using p = await devenvProject({ nix: web, settings: { fail } });
    const { code, stderr, stdout } = await p.devenv(['print-dev-env']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stripVTControlCharacters(stderr)).toMatch(words);
  });

  test('that is none: nothing said and nothing done; killed; hanging until it is ended', async () => {
    await using p = await devenvProject({ nix: web, settings: { fail: 'silent' } });
    expect(await p.devenv(['print-dev-env'])).toMatchObject({ code: 0, all: '' });
    expect(p.has('.devenv')).toBe(false);
    p.configure({ fail: 'killed' });
    expect(await p.devenv(['print-dev-env'])).toMatchObject({ code: null, signal: 'SIGKILL' });
    p.configure({ fail: 'hang-evaluating' });
    const evaluating = p.evaluating();
    const running = p.begin(['print-dev-env']);
    await evaluating;
    running.signal('SIGTERM');
    expect(await running.finished).toMatchObject({ signal: 'SIGTERM' });
  });
});

test('devenv.local.nix, imports of devenv.yaml and priorities merge', async () => {
  await using p = await devenvProject({
    nix: '{ lib, ... }: { env.A = lib.mkDefault "1"; env.B = "1"; processes.web.exec = "a"; }',
    files: {
      'devenv.local.nix': '{ lib, ... }: { env.A = "2"; env.B = lib.mkForce "2"; }',
      'devenv.yaml': 'imports:\n  - ./other\n',
      'other/devenv.nix': '{ processes.other.exec = "b"; }',
    },
  });
  const { stdout } = await p.devenv(['info']);
  expect(stdout).toContain('# processes\n- other: exec b\n- web: exec a\n');
  expect(stdout).toContain('- A: 2\n- B: 2\n');
});

describe('build, eval, shell', () => {
  test.for([
    ['1.0', /^$/],
    ['1.4', /^\/\S+-devenv-up\n$/],
    ['1.11', /^\/\S+-devenv-up\n$/],
    ['2.2', /^\{\n {2}"procfileScript": "\/\S+-devenv-up"\n\}\n$/],
  ] as const)('build procfileScript of %s', async ([release, printed]) => {
    await using p = await devenvProject({ nix: web, release });
    const { code, stdout } = await p.devenv(['build', 'procfileScript']);
    expect(code).toBe(0);
    expect(stdout).toMatch(printed);
    expect(existsSync(p.at('result'))).toBe(release === '1.0');
    const link = readdirSync(p.at('.devenv/gc')).find((name) => name.startsWith('procfilescript'));
    expect(link).toBe(release === '2.2' ? 'procfilescript-devenv-config-procfileScript' : undefined);
  });

  test('eval is of 2.x, tells the manager, and knows no moved port', async () => {
    await using p = await devenvProject({
      nix: '{ processes.web = { exec = "x"; ports.http.allocate = 4000; }; }',
      release: '2.2',
    });
    const { stdout } = await p.devenv([
      'eval',
      'process.manager.implementation',
      'processes.web.ports.http.value',
    ]);
    expect(JSON.parse(stdout)).toEqual({
      'process.manager.implementation': 'native',
      'processes.web.ports.http.value': 4000,
    });
    p.configure({ release: '1.11' });
    expect(await p.devenv(['eval', 'env'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("unrecognized subcommand 'eval'"),
    });
  });

  test('eval says process-compose where the modules are older than 2.0', async () => {
    await using p = await devenvProject({ nix: web, release: '2.2', modules: '1.11' });
    const { stdout } = await p.devenv(['eval', 'process.manager.implementation']);
    expect(stdout).toContain('process-compose');
  });

  test.for(['1.4', '1.11', '2.2'] as const)(
    'shell of %s becomes the command, with the environment and the rest of the caller',
    async (release) => {
      await using p = await devenvProject({
        nix: web.replace('processes', 'env.A = "a b";\n  processes'),
        release,
      });
      const script = 'echo "$$ $A $CALLER $DEVENV_ROOT"; exit 3';
      const running = p.begin(['shell', '--', 'sh', '-c', script], { env: { CALLER: 'c' } });
      const { code, stdout } = await running.finished;
      expect({ code, stdout }).toEqual({ code: 3, stdout: `${running.pid} a b c ${p.root}\n` });
      expect(p.target('run')).toBe(p.runtime);
    },
  );

  test('clean drops what is not kept', async () => {
    const yaml = 'clean:\n  enabled: true\n  keep: [KEPT, UK_TEST]\n';
    await using p = await devenvProject({ nix: web, release: '2.2', files: { 'devenv.yaml': yaml } });
    const { stdout } = await p.devenv(['shell', '--', 'env'], { env: { KEPT: '1', DROPPED: '1' } });
    expect(stdout).toContain('KEPT=1');
    expect(stdout).not.toContain('DROPPED');
  });

  test('version', async () => {
    await using p = await devenvProject({ release: '1.8' });
    expect((await p.devenv(['version'])).stdout).toBe('devenv 1.8.2 (x86_64-linux)\n');
  });
});

test('the YAML and the tasks are the same bytes for the same configuration', async () => {
  await using p = await devenvProject({ nix: web });
  const build = async (): Promise<string> => (await p.devenv(['build', 'procfileScript'])).stdout;
  const script = await build();
  edit(p, `# later\n${web}`);
  expect(await build()).toBe(script);
});
