import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cacheDirectory } from '../../../src/supervisor/process-compose/binary/cache.ts';
import { wrapperMark } from '../../../src/supervisor/process-compose/binary/executable.ts';
import { findBinary } from '../../../src/supervisor/process-compose/binary/find-binary.ts';
import { goEnvironment } from '../../../src/supervisor/process-compose/binary/go-environment.ts';
import { findModule } from '../../../src/supervisor/process-compose/binary/module.ts';
import { reportEvery } from '../../../src/supervisor/process-compose/binary/progress.ts';

let directory: string;
let bin: string;
let env: NodeJS.ProcessEnv;
let lines: string[];

beforeEach(() => {
  directory = mkdtempSync('/tmp/uk-');
  bin = join(directory, 'bin');
  mkdirSync(bin);
  env = { PATH: bin, HOME: directory };
  lines = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const program = (path: string, text = '#!/bin/sh\n'): string => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
};
const find = (more: { running?: string; signal?: AbortSignal } = {}) =>
  findBinary({ running: null, env, onProgress: (line) => lines.push(line), ...more });
const cached = (): string => {
  const module = findModule();
  const at = module && cacheDirectory(module, env);
  if (!at) throw new Error('no place in the cache');
  return join(at, 'process-compose');
};

/** Counts its runs, waits for `gate`, then writes what it was told to build. Ends after 20 s whatever happens. */
const fakeGo = (before = 'true'): string =>
  program(
    join(bin, 'go'),
    `#!/bin/sh
PATH=/usr/bin:/bin
echo run >> '${directory}/runs'
env > '${directory}/go-env'
echo "$PWD $*" > '${directory}/go-args'
${before}
n=0; while [ ! -e '${directory}/gate' ] && [ $n -lt 1000 ]; do n=$((n+1)); sleep 0.02; done
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\n' > "$2"; chmod +x "$2"
echo end >> '${directory}/ends'
`,
  );
const openGate = (): void => writeFileSync(join(directory, 'gate'), '');
const linesOf = (name: string): number => {
  const file = join(directory, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').length : 0;
};
const runs = (): number => linesOf('runs');

describe('where it is looked for', () => {
  test('the one of the running stack comes first', async () => {
    program(join(bin, 'process-compose'));
    const running = program(join(directory, 'store', 'process-compose'));
    expect(await find({ running })).toEqual({ ok: true, value: { path: running, from: 'running' } });
  });

  test('then the one on PATH, also when the running one was removed from disk', async () => {
    const path = program(join(bin, 'process-compose'));
    const found = { ok: true, value: { path, from: 'PATH' } };
    expect(await find()).toEqual(found);
    expect(await find({ running: '/nix/store/gone/process-compose' })).toEqual(found);
  });

  test('on PATH, what is no program of its own is passed over', async () => {
    const [wrapper, folder, data, empty, dangling, real] = ['1', '2', '3', '4', '5', '6'].map((name) =>
      join(directory, name),
    );
    program(join(wrapper!, 'process-compose'), `#!/bin/sh\n# ${wrapperMark}\n`);
    mkdirSync(join(folder!, 'process-compose'), { recursive: true });
    program(join(data!, 'process-compose'));
    chmodSync(join(data!, 'process-compose'), 0o644);
    program(join(empty!, 'process-compose'), '');
    mkdirSync(dangling!);
    symlinkSync('/nonexistent', join(dangling!, 'process-compose'));
    const path = program(join(real!, 'process-compose'));
    env.PATH = ['', '.', 'relative', wrapper, folder, data, empty, dangling, real].join(':');
    expect(await find()).toEqual({ ok: true, value: { path, from: 'PATH' } });
  });

  test('then the cache', async () => {
    const path = program(cached());
    expect(await find()).toEqual({ ok: true, value: { path, from: 'cache' } });
    expect(lines).toEqual([]);
  });

  test('the cache is in XDG_CACHE_HOME, else in ~/.cache, one directory a version, platform and go.sum', () => {
    const module = { directory: '/m', version: '1.87.0', sumHash: '0123456789ab' };
    const build = `upkeep/process-compose/1.87.0-${process.platform}-${process.arch}-0123456789ab`;
    expect(cacheDirectory(module, { HOME: '/h', XDG_CACHE_HOME: '/c' })).toBe(`/c/${build}`);
    expect(cacheDirectory(module, { HOME: '/h', XDG_CACHE_HOME: 'relative' })).toBe(`/h/.cache/${build}`);
    expect(cacheDirectory(module, { HOME: '/h' })).toBe(`/h/.cache/${build}`);
    expect(cacheDirectory(module, {})).toBeNull();
  });

  test('the Go module is found upward, from src/ and from dist/', () => {
    const root = join(import.meta.dirname, '../../..');
    const module = {
      directory: join(root, 'tools/process-compose'),
      version: '1.87.0',
      sumHash: expect.stringMatching(/^[0-9a-f]{12}$/),
    };
    expect(findModule()).toEqual(module);
    expect(findModule(join(root, 'dist'))).toEqual(module);
    expect(findModule('/')).toBeNull();
  });
});

describe('building it', () => {
  test('happens in the pinned module, is announced, and fills the cache', async () => {
    fakeGo();
    openGate();
    expect(await find()).toEqual({ ok: true, value: { path: cached(), from: 'built' } });
    expect(lines).toEqual(['building process-compose 1.87.0, once, about 90 s']);
    expect(readFileSync(join(directory, 'go-args'), 'utf8')).toMatch(
      /tools\/process-compose build -mod=readonly -trimpath -ldflags -s -w -o \S+ github\.com\/f1bonacc1\/process-compose\n$/,
    );
    expect(await find()).toMatchObject({ value: { from: 'cache' } });
    expect(runs()).toBe(1);
    expect(readdirSync(dirname(cached())).toSorted()).toEqual(['lock', 'process-compose']);
  });

  test('is not changed by what the caller has set for his own Go', async () => {
    Object.assign(env, {
      GOFLAGS: '-mod=vendor',
      GOWORK: '/w',
      GOOS: 'plan9',
      GOARCH: 'wasm',
      GOEXPERIMENT: 'x',
      CGO_CFLAGS: '-x',
    });
    Object.assign(env, { GOPROXY: 'https://proxy.invalid', PC_SOCKET_PATH: '/s' });
    const given = goEnvironment(env, { platform: 'linux', arch: 'x64' });
    expect(given).toEqual({
      PATH: bin,
      HOME: directory,
      GOPROXY: 'https://proxy.invalid',
      GO111MODULE: 'on',
      GOWORK: 'off',
      GOFLAGS: '-mod=readonly',
      CGO_ENABLED: '0',
      GOOS: 'linux',
      GOARCH: 'amd64',
    });
    fakeGo();
    openGate();
    expect(await find()).toMatchObject({ ok: true });
    expect(readFileSync(join(directory, 'go-env'), 'utf8')).not.toContain('plan9');
  });

  test('two at once: one builds, the other waits for it and uses that', async () => {
    fakeGo();
    const first = find();
    await expect.poll(runs, { timeout: 30_000 }).toBe(1);
    const second = find();
    const waiting = 'another upkeep is building process-compose, waiting for it';
    await expect.poll(() => lines, { timeout: 30_000 }).toContain(waiting);
    openGate();
    expect(await first).toMatchObject({ value: { from: 'built' } });
    expect(await second).toMatchObject({ value: { path: cached(), from: 'cache' } });
    expect(runs()).toBe(1);
  });

  test('a builder that is killed leaves neither a lock nor half a program', async () => {
    fakeGo();
    const other = finderInAnotherProcess();
    const ended = once(other, 'exit');
    await expect.poll(runs, { timeout: 30_000 }).toBe(1);
    expect(existsSync(cached())).toBe(false);
    writeFileSync(join(dirname(cached()), 'process-compose.1.tmp'), 'half');
    other.kill('SIGKILL');
    await ended;
    openGate(); // also ends the go that outlived it
    expect(await find()).toMatchObject({ value: { path: cached(), from: 'built' } });
    expect(runs()).toBe(2);
    // Else the first writes while everything is removed.
    await expect.poll(() => linesOf('ends'), { timeout: 30_000 }).toBe(2);
    expect(readdirSync(dirname(cached()))).not.toContain('process-compose.1.tmp');
  });

  test('is given up on request, by the one who builds and by the one who waits', async () => {
    fakeGo();
    const [builder, waiter] = [new AbortController(), new AbortController()];
    const first = find({ signal: builder.signal });
    await expect.poll(runs, { timeout: 30_000 }).toBe(1);
    const second = find({ signal: waiter.signal });
    await expect.poll(() => lines.join(), { timeout: 30_000 }).toContain('waiting');
    waiter.abort();
    expect(await second).toEqual({ ok: false, failure: { reason: 'interrupted' } });
    builder.abort();
    expect(await first).toEqual({ ok: false, failure: { reason: 'interrupted' } });
    expect(existsSync(cached())).toBe(false);
  });

  test('goes on reporting while it takes long', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const options = { first: 'building', later: (seconds: number) => `building … ${seconds} s` };
    using _ = reportEvery(
      1,
      (line) => void (line === 'building' ? lines.push(line) : resolve(line)),
      options,
    );
    expect(lines).toEqual(['building']);
    expect(await promise).toMatch(/^building … \d+ s$/);
  });
});

describe('what is said when there is none', () => {
  const failure = async () => {
    const found = await find();
    if (found.ok || found.failure.reason !== 'binary-missing') throw new Error(JSON.stringify(found));
    return found.failure;
  };

  test('without go, everything that was tried and the ways to get it', async () => {
    const said = await failure();
    expect(said).toMatchObject({
      program: 'process-compose',
      tried: ['PATH: no process-compose', `cache: no ${cached()}`, 'build: no go on PATH'],
    });
    expect(said.detail).toContain('install process-compose');
    expect(said.detail).toContain('put Go 1.24 or newer on PATH');
  });

  test('a failing build, with the last words of go', async () => {
    fakeGo(`echo 'go: github.com/x/y: no such host' >&2; exit 3`);
    const said = await failure();
    expect(said.tried.at(-1)).toBe(`build with ${join(bin, 'go')}: exited with 3`);
    expect(said.detail).toMatch(/^go: github\.com\/x\/y: no such host\n/);
    expect(existsSync(cached())).toBe(false);
  });

  test('a go that says it has built, but has not', async () => {
    fakeGo('exit 0');
    expect((await failure()).tried.at(-1)).toMatch(/cannot write .*process-compose \(ENOENT\)$/);
  });

  test('no HOME', async () => {
    fakeGo();
    delete env.HOME;
    expect((await failure()).tried.at(-1)).toBe(
      'cache: neither XDG_CACHE_HOME nor HOME is set to an absolute path',
    );
  });

  test('a cache that cannot be written', async () => {
    fakeGo();
    writeFileSync(join(directory, '.cache'), 'a file where a directory should be');
    expect((await failure()).tried.at(-1)).toMatch(/cannot write .*\.cache.* \(E(NOTDIR|EXIST)\)$/);
  });
});

function finderInAnotherProcess(): ChildProcess {
  const source = join(import.meta.dirname, '../../../src/supervisor/process-compose/binary/find-binary.ts');
  const options = `{ running: null, env: ${JSON.stringify(env)}, onProgress() {} }`;
  const script = `const { findBinary } = await import(${JSON.stringify(source)}); await findBinary(${options});`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
}
