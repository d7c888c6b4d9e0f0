/** Stacks on process-compose, as the real devenv was measured to run them, and what differs between the releases. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../../src/processes/evidence.ts';
import { signalProcess } from '../../src/processes/signal.ts';
import { isAlive, readRow } from '../../src/processes/table.ts';
import { connectControl } from '../../src/supervisor/process-compose/client.ts';
import type { DevenvOptions, DevenvProject } from '../rig/devenv.ts';
import { devenvProject } from '../rig/devenv.ts';
import { freePort } from '../rig/free-port.ts';
import type { ServiceRun } from '../rig/service.ts';
import { openTerminal } from '../rig/terminal.ts';
import { eventually } from '../rig/until.ts';

const project = (options: DevenvOptions = {}): Promise<DevenvProject> =>
  devenvProject({ git: false, leftovers: 'end', manager: 'process-compose', ...options });

const socketOf = (p: DevenvProject): string => `${p.runtime}/pc.sock`;
const pidOf = (p: DevenvProject): number => Number(p.read('.devenv/processes.pid'));
const rowOf = (pid: number) => readRow(pid) ?? { pid, startTime: '0' };

async function upDetached(p: DevenvProject): Promise<ServiceRun> {
  const { code, stderr } = await p.devenv(['up', '-d']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const run = await p.project.services.next('web');
  await answering(p);
  return run;
}

const answering = (p: DevenvProject): Promise<boolean> =>
  eventually(
    'process-compose answers',
    async () => (await connectControl({ kind: 'unix', path: socketOf(p) }).live()).ok,
  );

async function web(p: DevenvProject, ...flags: readonly string[]): Promise<number> {
  const port = await freePort();
  p.declareServices({ web: port }, flags.length > 0 ? { web: flags.join(' ') } : {});
  return port;
}

/** Without a TUI and in the background of the test: what a foreground `up` is to devenv. */
async function foreground(p: DevenvProject): Promise<ServiceRun> {
  p.begin(['up'], { env: { PC_TUI_ENABLED: '0' } });
  const run = await p.project.services.next('web');
  await answering(p);
  return run;
}

describe('up -d', () => {
  test('writes the files, says the words on stderr, and makes the tree', async () => {
    await using p = await project();
    await web(p);
    const { code, stdout, stderr } = await p.devenv(['up', '-d']);
    const run = await p.project.services.next('web');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const pid = pidOf(p);
    expect(p.read('.devenv/processes.pid')).toBe(String(pid));
    expect(stderr).toMatch(
      new RegExp(
        `^Building processes in [\\d.]+m?s\nBuilding shell in [\\d.]+m?s\nPID is ${pid}\nSee logs: {2}\\$ tail -f ${p.root}/.devenv/processes.log\nStop: {6}\\$ devenv processes stop\nStarting processes in [\\d.]+m?s\n$`,
      ),
    );
    expect(p.read('.devenv/processes')).toBe(
      `#!/usr/bin/env bash\nexport PC_TUI_ENABLED=0\nexec ${p.target('gc/procfilescript')} \n`,
    );
    const server = p.project.servers[0];
    const wrapper = readRow(run.pid)?.parent ?? 0;
    expect(readRow(wrapper)?.command).toContain('devenv-tasks run --task-file');
    expect(readRow(wrapper)).toMatchObject({ parent: server?.pid, group: wrapper });
    expect(readRow(run.pid)).toMatchObject({ group: wrapper });
    expect(server).toMatchObject({ parent: pid });
    // Wrapper and server stay in the group and session of whoever called.
    expect(readRow(pid)).toMatchObject({ group: server?.group, session: readRow(process.pid)?.session });
    expect(readRow(pid)?.group).not.toBe(pid);
    for (const name of ['devenv.lock', '.devenv.flake.nix', '.devenv/tasks.db', '.devenv/nix-eval-cache.db'])
      expect(p.has(name)).toBe(true);
    expect(p.target('run')).toBe(p.runtime);
    for (const name of ['profile', 'state/process-compose']) expect(p.has('.devenv', name)).toBe(true);
    expect(existsSync(`${p.runtime}/shell`)).toBe(true);
  });

  test('gives a service the environment that proves its configuration', async () => {
    await using p = await project();
    await web(p);
    const { env } = await upDetached(p);
    const built = await p.devenv(['print-dev-env']);
    for (const name of ['DEVENV_TASK_FILE', 'PC_CONFIG_FILES']) {
      expect(built.stdout).toContain(`${name}='${env[name]}'`);
      expect(existsSync(env[name] ?? '')).toBe(true);
    }
    expect(env).toMatchObject({
      DEVENV_CMDLINE: 'up -d',
      DEVENV_DOTFILE: p.at('.devenv'),
      DEVENV_ROOT: p.root,
      DEVENV_RUNTIME: p.runtime,
      PC_PROC_NAME: 'web',
      PC_SOCKET_PATH: socketOf(p),
      PC_TUI_ENABLED: '0',
    });
    expect(Object.keys(env).filter((name) => name.includes('STAND_IN'))).toEqual([]);
  });

  test('a second time: exit 1 after a whole evaluation, and .devenv/processes is rewritten', async () => {
    await using p = await project();
    await web(p);
    const run = await upDetached(p);
    p.declare({ web: { exec: 'exit 9' } });
    writeFileSync(p.at('.devenv/processes'), '');
    const { code, stderr } = await p.devenv(['up', '-d', '--refresh-eval-cache']);
    expect(code).toBe(1);
    expect(stderr.replaceAll('\n  │ ', ' ')).toContain(
      `Error:   × Processes already running with PID ${pidOf(p)}. Stop them first with: devenv processes down`,
    );
    expect(p.read('.devenv/processes')).not.toBe('');
    expect(run.alive).toBe(true);
  });

  test('up to 1.9 overwrites the pid file of the first', async () => {
    await using p = await project({ release: '1.8' });
    await web(p);
    await upDetached(p);
    const first = pidOf(p);
    expect(await p.devenv(['up', '-d'])).toMatchObject({ code: 0 });
    expect(pidOf(p)).not.toBe(first);
  });

  test('while a foreground instance runs: exit 0, and an attach client that dies at once', async () => {
    await using p = await project();
    await web(p);
    const run = await foreground(p);
    expect(await p.devenv(['up', '-d'])).toMatchObject({ code: 0 });
    const client = rowOf(pidOf(p));
    await eventually('the end of the client', () => !isAlive(client));
    await eventually('nobody is left of it', () =>
      p.read('.devenv/processes.log').includes('TUI startup error'),
    );
    expect(run.alive).toBe(true);
  });

  test('lets keys pass that process-compose refuses; only the log says so', async () => {
    await using p = await project();
    p.declare({ web: { exec: 'sleep 1', 'process-compose': { nope: true } } });
    expect(await p.devenv(['print-dev-env'])).toMatchObject({ code: 0 });
    expect(await p.devenv(['build', 'procfileScript'])).toMatchObject({ code: 0 });
    expect(await p.devenv(['up', '-d'])).toMatchObject({ code: 0 });
    await eventually('the log says it', () =>
      p.read('.devenv/processes.log').includes('Failed to load project'),
    );
  });

  test('after a stale pid file says that it removes it', async () => {
    await using p = await project();
    await web(p);
    p.write('.devenv/processes.pid', '4190000');
    const { code, stderr } = await p.devenv(['up', '-d']);
    expect(code).toBe(0);
    expect(stderr).toContain('Found stale PID file with PID 4190000. Removing it.');
  });
});

describe('up in the foreground, without a terminal', () => {
  test('exits with 0 and runs nothing', async () => {
    await using p = await project();
    await web(p);
    expect(await p.devenv(['up'])).toMatchObject({ code: 0 });
    expect(p.has('.devenv/processes.pid')).toBe(false);
    expect(p.project.services.runs).toEqual([]);
  });

  test('while detached: tries to attach, exit 1, the stack is unharmed', async () => {
    await using p = await project();
    await web(p);
    const run = await upDetached(p);
    const { code, all } = await p.devenv(['up']);
    expect(code).toBe(1);
    expect(all).toContain(`Attaching to existing process-compose server at ${socketOf(p)}`);
    expect(all).toContain('TUI startup error');
    expect(run.alive).toBe(true);
  });

  test('works with PC_TUI_ENABLED=0, and `down` does not find it', async () => {
    await using p = await project();
    await web(p);
    const run = await foreground(p);
    const { code, stderr } = await p.devenv(['processes', 'down']);
    expect(code).toBe(1);
    expect(stderr).toContain('× No processes running');
    expect(run.alive).toBe(true);
  });
});

describe('up in a terminal', () => {
  test('shows the TUI; Ctrl-C asks, Enter stops everything', async () => {
    await using p = await project();
    await web(p);
    await using terminal = openTerminal([`${p.bin}/devenv`, 'up'], { cwd: p.root, env: p.project.env });
    const run = await p.project.services.next('web');
    await terminal.shows(/Process Compose/);
    await eventually('it asks', async () => {
      if (!/want to quit/.test(terminal.text())) terminal.type('\u0003');
      return /want to quit/.test(terminal.text());
    });
    terminal.type('\r');
    await terminal.ended;
    await run.ended();
  });

  test('that is closed ends the stack', async () => {
    await using p = await project();
    await web(p);
    const terminal = openTerminal([`${p.bin}/devenv`, 'up'], { cwd: p.root, env: p.project.env });
    const run = await p.project.services.next('web');
    await terminal.shows(/Process Compose/);
    await terminal.close();
    await run.ended();
    await eventually('the server ends', () => p.project.servers.length === 0);
  });
});

describe('processes down', () => {
  test('ends wrapper, server and services, and removes pid file and socket', async () => {
    await using p = await project();
    await web(p);
    const run = await upDetached(p);
    const pid = pidOf(p);
    const { code, stderr } = await p.devenv(['processes', 'down']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `Stopping process with PID ${pid}\n` });
    await run.ended();
    expect(p.project.living).toEqual([]);
    expect(p.has('.devenv/processes.pid')).toBe(false);
    expect(existsSync(socketOf(p))).toBe(false);
    expect(await p.devenv(['processes', 'down'])).toMatchObject({ code: 1 });
  });

  test('works with a broken devenv.nix', async () => {
    await using p = await project();
    await web(p);
    const run = await upDetached(p);
    p.write('devenv.nix', '{');
    expect(await p.devenv(['processes', 'stop'])).toMatchObject({ code: 0 });
    await run.ended();
  });

  test('says of a stale pid file that the process is not found, each time', async () => {
    await using p = await project();
    await web(p);
    p.write('.devenv/processes.pid', '4190000');
    for (let times = 0; times < 2; times += 1) {
      const { code, stderr } = await p.devenv(['processes', 'down']);
      expect(code).toBe(1);
      expect(stderr).toContain('× Process with PID 4190000 not found.');
    }
    p.configure({ release: '2.2' });
    expect(await p.devenv(['processes', 'down'])).toMatchObject({ code: 0 });
    expect(p.has('.devenv/processes.pid')).toBe(false);
  });

  test('exits with 0 and leaves a service behind that ignores TERM', async () => {
    await using p = await project();
    await web(p, '--ignore-term');
    const run = await upDetached(p);
    expect(await p.devenv(['processes', 'down'])).toMatchObject({ code: 0 });
    expect(run.alive).toBe(true);
  });

  test('of 1.4 does not wait for the end', async () => {
    await using p = await project({ release: '1.4' });
    await web(p, '--hold-term');
    const run = await upDetached(p);
    expect(await p.devenv(['processes', 'down'])).toMatchObject({ code: 0 });
    expect(run.alive).toBe(true);
    expect(p.has('.devenv/processes.pid')).toBe(false);
  });
});

describe('a kill', () => {
  test('of the wrapper leaves server and services; the next up -d attaches and truncates the log', async () => {
    await using p = await project();
    await web(p);
    const run = await upDetached(p);
    const wrapper = rowOf(pidOf(p));
    signalProcess(wrapper, 'SIGKILL');
    // Whoever is its parent may take a while to notice; a zombie counts as running for devenv.
    await eventually('it is gone', () => readRow(wrapper.pid) === null);
    expect(p.project.servers).toHaveLength(1);
    expect(await p.devenv(['up', '-d'])).toMatchObject({ code: 0 });
    await eventually('it attached', () => p.read('.devenv/processes.log').includes('Attaching to existing'));
    expect(run.alive).toBe(true);
    expect(p.project.services.of('web')).toHaveLength(1);
  });

  test('of process-compose leaves the subtree with its port, and a stale socket', async () => {
    await using p = await project();
    const port = await web(p);
    const run = await upDetached(p);
    const [server] = p.project.servers;
    if (server) signalProcess(server, 'SIGKILL');
    await eventually('it is gone', () => p.project.servers.length === 0);
    expect(run.alive).toBe(true);
    expect(existsSync(socketOf(p))).toBe(true);
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toContain('web');
  });
});

test('exit codes are those of devenv-tasks: 7 becomes 1, and the log has the words', async () => {
  await using p = await project();
  await web(p);
  const run = await upDetached(p);
  await run.exit(7);
  const control = connectControl({ kind: 'unix', path: socketOf(p) });
  const state = await eventually('it has ended', async () => {
    const states = await control.states();
    const found = states.ok && states.value.find(({ name }) => name === 'web');
    return found && found.status === 'Completed' && found;
  });
  expect(state).toMatchObject({ status: 'Completed', exitCode: 1 });
  await eventually('the log says it', () =>
    p.read('.devenv/processes.log').includes('Task exited with status: exit status: 7'),
  );
});

describe('the script', () => {
  const script = async (options: DevenvOptions): Promise<{ text: string; yaml: string }> => {
    await using p = await project({
      manager: undefined as never,
      nix: '{ env.A = "1"; processes.web.exec = "sleep 1"; }',
      ...options,
    });
    const { stdout } = await p.devenv(['shell', 'true']);
    expect(stdout).toBe('');
    const built = await p.devenv(['build', 'procfileScript']);
    // 1.0 prints no path.
    const [file = p.at('result')] = built.stdout.match(/\/[^\s"]+-devenv-up/) ?? [];
    const text = readFileSync(file, 'utf8');
    const [, path = ''] = /--config[ =]([^ ']+)/.exec(text) ?? [];
    return { text, yaml: readFileSync(path, 'utf8') };
  };

  test.for([
    [
      '1.0',
      / --config \S+ --unix-socket \$\{PC_SOCKET_PATH:-\S+\/pc\.sock\} --tui=\$\{PC_TUI_ENABLED:-true\} -U up "\$@" &/,
    ],
    [
      '1.4',
      /--keep-project[^]*--unix-socket \/tmp\/devenv-\w{7}\/pc\.sock[^]*-t="\$\{PC_TUI_ENABLED:-true\}"/,
    ],
    ['1.6', /if \[ -S \S+ \]; then[^]* attach "\$@"/],
    ['1.11', /if timeout 1 \S+socat - UNIX-CONNECT:"\$PC_SOCKET_PATH"[^]* {2}--config \S+\.yaml \\\n/],
    ['2.2', /'--config=\S+\.yaml'[^]*'--unix-socket=\/tmp\/devenv-\w{7}\/pc\.sock'/],
  ] as const)('of %s modules passes its arguments their way', async ([modules, pattern]) => {
    const { text } = await script({ release: '1.11', modules });
    expect(text).toMatch(pattern);
    expect(text.includes('keep-project')).toBe(modules !== '1.0');
  });

  test('has a YAML of its age', async () => {
    const of = async (modules: NonNullable<DevenvOptions['modules']>) => (await script({ modules })).yaml;
    expect(await of('1.4')).toMatch(/environment:\n {2}- A=1\n[^]*command: exec \S+-devenv-processes-web\n/);
    const eight = await of('1.8');
    expect(eight).toMatch(/devenv-tasks run --mode all devenv:processes:web/);
    expect(eight).toContain('log_location: ');
    expect(await of('1.11')).toMatch(/run --task-file \S+-tasks\.json --mode all[^]*shell_command/);
    const two = await of('2.2');
    expect(two).toMatch(/--cache-dir \S+ --runtime-dir \S+ --ignore-process-deps/);
    expect(two).toMatch(/availability:\n {6}max_restarts: 5\n {6}restart: on_failure/);
  });

  test('joins names with nothing in 1.6', async () => {
    await using p = await project({
      release: '1.6',
      nix: '{ processes.a.exec = "x"; processes.b.exec = "x"; }',
    });
    await p.devenv(['up', 'a', 'b'], { env: { PC_TUI_ENABLED: '0' } });
    expect(p.read('.devenv/processes')).toMatch(/-devenv-up ab\n$/);
  });
});

describe('2.2 with process-compose', () => {
  test('names its links after the attribute, has a group of its own, and knows no other verb', async () => {
    await using p = await project({ release: '2.2' });
    await web(p);
    const run = await upDetached(p);
    const pid = pidOf(p);
    expect(readRow(pid)).toMatchObject({ group: pid, session: readRow(process.pid)?.session });
    expect(p.target('gc/procfilescript-devenv-config-procfileScript')).toMatch(/-devenv-up$/);
    expect(p.target('gc/task-config-devenv-config-task-config')).toBe(run.env['DEVENV_TASK_FILE']);
    for (const args of [['up'], ['up', '-d']]) {
      const { code, stderr } = await p.devenv(args);
      expect(code).toBe(1);
      expect(stderr).toContain(`Processes already running with PID ${pid}`);
    }
    expect(await p.devenv(['processes', 'list'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('only supported with the native process manager'),
    });
    expect(await p.devenv(['down'])).toMatchObject({ code: 0 });
    expect(run.alive).toBe(false);
    expect(p.project.living).toEqual([]);
  });

  test.for([
    ['1.11', '2.2'],
    ['2.2', '1.11'],
  ] as const)('CLI %s with modules %s runs process-compose', async ([release, modules]) => {
    await using p = await devenvProject({ git: false, leftovers: 'end', release, modules });
    await web(p);
    const run = await upDetached(p);
    expect(readEnvironment(run.pid)?.['PC_PROC_NAME']).toBe('web');
    expect(await p.devenv(['processes', 'down'])).toMatchObject({ code: 0 });
  });
});

test('the way upkeep starts it: prepare, then `devenv shell -- SCRIPT`; devenv stops it as its own', async () => {
  await using p = await project();
  await web(p);
  expect(await p.devenv(['print-dev-env'])).toMatchObject({ code: 0 });
  const { stdout } = await p.devenv(['build', 'procfileScript']);
  const evaluated = p.evaluations.length;
  const running = p.begin(['shell', '--', stdout.trim()], { env: { PC_TUI_ENABLED: '0' } });
  const run = await p.project.services.next('web');
  await answering(p);
  expect(p.evaluations).toHaveLength(evaluated);
  expect(p.project.servers[0]?.parent).toBe(running.pid);
  p.write('.devenv/processes.pid', String(running.pid));
  expect(await p.devenv(['processes', 'down'])).toMatchObject({ code: 0 });
  await run.ended();
});
