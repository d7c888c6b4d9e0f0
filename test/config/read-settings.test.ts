import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { checkServiceNames } from '../../src/config/check-service-names.ts';
import { readSettings } from '../../src/config/read-settings.ts';
import { defaultConfig, defaultIgnore } from '../../src/core/config.ts';

const top = mkdtempSync('/tmp/uk-');
afterAll(() => rmSync(top, { recursive: true }));
let count = 0;
let root = '';
beforeEach(() => {
  root = join(top, String((count += 1)));
  mkdirSync(root);
});

async function read(text: string, name = 'upkeep.yaml') {
  writeFileSync(join(root, name), text);
  return readSettings(root);
}

async function configOf(text: string) {
  const settings = await read(text);
  if (!settings.ok) throw new Error(JSON.stringify(settings.failure));
  return settings.value.config;
}

/** `line:column message (hint)` of each problem. */
async function problems(text: string): Promise<readonly string[]> {
  const settings = await read(text);
  if (settings.ok || settings.failure.reason !== 'settings-invalid') return [];
  return settings.failure.problems.map((problem) => {
    expect(problem.file).toBe(join(root, 'upkeep.yaml'));
    return `${problem.line}:${problem.column} ${problem.message}${problem.hint ? ` (${problem.hint})` : ''}`;
  });
}

describe('upkeep.yaml', () => {
  it('may be missing, empty or nothing but comments: all defaults', async () => {
    expect(await readSettings(root)).toMatchObject({
      ok: true,
      value: { config: defaultConfig, file: null },
    });
    expect(await configOf('')).toEqual(defaultConfig);
    expect(await configOf('# nothing yet\n')).toEqual(defaultConfig);
    expect(await configOf('watch:\nservices:\n  web:\n')).toEqual(defaultConfig);
  });

  it('sets everything that the documentation shows', async () => {
    const config = await configOf(`
backend: devenv
endpoint: unix:/run/x.sock
scope: smallest
config: [Procfile]
sources: ["src", "lib"]
ignore: ["*.md"]
services:
  web:  { role: self }
  api:  { sources: [api], ports: [3000] }
watch: { quiet: 500ms, cap: 4s, engine: poll, poll: 1s }
stop:  { grace: 0s }
ready: { timeout: 2m, cap: 1h }
devenv: { timeout: 15m, profiles: [backend] }
hooks: { checkout: off, push: block }
`);
    expect(config).toEqual({
      backend: 'devenv',
      endpoint: 'unix:/run/x.sock',
      scope: 'smallest',
      config: ['Procfile'],
      sources: ['src', 'lib'],
      ignore: ['*.md'],
      services: { web: { role: 'self' }, api: { sources: ['api'], ports: [3000] } },
      watch: { quietMs: 500, capMs: 4_000, engine: 'poll', pollMs: 1_000 },
      stop: { graceMs: 0 },
      ready: { timeoutMs: 120_000, capMs: 3_600_000 },
      devenv: { timeoutMs: 900_000, profiles: ['backend'] },
      hooks: { checkout: 'off', push: 'block' },
    });
  });

  it('adds to the ignored paths with +ignore and replaces them with ignore', async () => {
    expect((await configOf('+ignore: [gen/]')).ignore).toEqual([...defaultIgnore, 'gen/']);
    expect((await configOf('ignore: [gen/]')).ignore).toEqual(['gen/']);
    expect((await configOf('ignore: []')).ignore).toEqual([]);
    expect((await configOf('ignore: [a]\n+ignore: [b]')).ignore).toEqual(['a', 'b']);
  });

  it('resolves anchors and merge keys', async () => {
    const { services } = await configOf(
      'services:\n  a: &base { role: code, ports: [1] }\n  b: { <<: *base, ports: [2] }\n',
    );
    expect(services).toEqual({ a: { role: 'code', ports: [1] }, b: { role: 'code', ports: [2] } });
  });
});

describe('a problem in upkeep.yaml', () => {
  it.each<[string, string, string[]]>([
    [
      'an unknown key, with the nearest one',
      'watchs: {}\n',
      ['1:1 unknown key `watchs` (did you mean `watch`?)'],
    ],
    [
      'an unknown key below another',
      'watch:\n  quite: 1s\n',
      ['2:3 unknown key `quite` in `watch` (did you mean `quiet`?)'],
    ],
    [
      'an unknown key of a service',
      'services:\n  web:\n    prots: [1]\n',
      ['3:5 unknown key `prots` in `web` (did you mean `ports`?)'],
    ],
    [
      'a number where a duration belongs',
      'ready: { timeout: 30 }\n',
      ['1:19 `timeout`: expected a duration, found the number 30 (a unit is missing: write 30ms or 30s)'],
    ],
    [
      'a bad duration',
      'stop:\n  grace: soon\n',
      ['2:10 `grace`: expected a duration, found `soon` (write it like 300ms, 8s or 10m)'],
    ],
    [
      'a quiet period of nothing',
      'watch: { quiet: 0s }',
      ['1:17 `quiet`: expected at least 1ms, found `0s` (write it like 300ms, 8s or 10m)'],
    ],
    [
      'a word that is none of the words',
      'backend: nix\n',
      ['1:10 `backend`: expected one of auto, devenv, process-compose, found `nix`'],
    ],
    [
      'a text where a list belongs',
      'sources: src\n',
      ['1:10 `sources`: expected a list of strings, such as ["."], found `src`'],
    ],
    [
      'a number in a list of strings',
      'config: [a, 5]\n',
      ['1:13 `config`: expected a string, found the number 5'],
    ],
    [
      'a port that is none',
      'services: { web: { ports: [0, 70000, x] } }',
      [
        '1:28 `ports`: expected a port, 1 to 65535, found the number 0',
        '1:31 `ports`: expected a port, 1 to 65535, found the number 70000',
        '1:38 `ports`: expected a port, 1 to 65535, found `x`',
      ],
    ],
    [
      'an endpoint that is none',
      'endpoint: /run/x.sock',
      ['1:11 `endpoint`: expected unix:/absolute/path or http://host:port, found `/run/x.sock`'],
    ],
    [
      'a truth value',
      'hooks: { push: true }',
      ['1:16 `push`: expected one of warn, block, off, found the boolean true'],
    ],
    ['a key that is there twice', 'scope: full\nscope: smallest\n', ['2:1 duplicate key `scope`']],
    ['a list in place of the map', '- a\n', ['1:1 expected a map, found a list']],
    ['a text in place of the map', 'hello\n', ['1:1 expected a map, found `hello`']],
    [
      'a map in place of a word',
      'scope: { a: 1 }\n',
      ['1:8 `scope`: expected one of full, smallest, found a map'],
    ],
  ])('%s is told with its place', async (_, text, expected) => {
    expect(await problems(text)).toEqual(expected);
  });

  it('is a name of the prototype like any other unknown key', async () => {
    expect(await problems('toString: 1\n__proto__: 2\n')).toEqual([
      expect.stringMatching(/^1:1 unknown key `toString`/),
      expect.stringMatching(/^2:1 unknown key `__proto__`/),
    ]);
  });

  it('is told together with all the others, in the order of the file', async () => {
    expect(
      await problems('scop: full\nwatch: { quiet: 3 }\nservices:\n  a: { role: x }\nbackend: 5\n'),
    ).toEqual([
      expect.stringMatching(/^1:1 unknown key `scop`/),
      expect.stringMatching(/^2:17 `quiet`/),
      expect.stringMatching(/^4:14 `role`/),
      expect.stringMatching(/^5:10 `backend`/),
    ]);
  });

  it('of syntax has a place, and what follows it is not guessed at', async () => {
    const [first, ...more] = await problems('scop: 1\nsources: [a, b\nhooks: 3\n');
    expect(first).toMatch(/^1:1 unknown key `scop`/);
    expect(more.length).toBeGreaterThan(0);
    expect(more.every((line) => /^[34]:/.test(line) && !line.includes('`hooks`'))).toBe(true);
  });

  it('is a file of the other spelling, which would be without effect', async () => {
    const settings = await read('scope: full', 'upkeep.yml');
    expect(settings).toMatchObject({ failure: { problems: [{ hint: 'rename it to upkeep.yaml' }] } });
  });

  it('is a file that cannot be read', async () => {
    mkdirSync(join(root, 'upkeep.yaml'));
    expect(await readSettings(root)).toMatchObject({
      failure: { problems: [{ message: 'is a directory' }] },
    });
  });
});

describe('service names', () => {
  const check = async (text: string, known: readonly string[]) => {
    const settings = await read(text);
    if (!settings.ok) throw new Error('unexpected');
    return checkServiceNames(settings.value, known);
  };

  it('that do not exist are told at their place, with the names there are', async () => {
    expect(await check('services:\n  web: { role: self }\n  wbe: { role: code }\n', ['api', 'web'])).toEqual([
      {
        file: join(root, 'upkeep.yaml'),
        line: 3,
        column: 3,
        message: 'there is no service `wbe`',
        hint: 'did you mean `web`? there are: api, web',
      },
    ]);
    expect(await check('services: { x: { role: code } }', [])).toMatchObject([
      { hint: 'the configuration declares none' },
    ]);
  });

  it('are never needed', async () => {
    expect(await check('', ['web'])).toEqual([]);
  });
});
