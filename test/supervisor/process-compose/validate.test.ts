import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ConfigProblem } from '../../../src/core/failure.ts';
import { fatalMessage } from '../../../src/supervisor/process-compose/fatal-message.ts';
import { validateFiles } from '../../../src/supervisor/process-compose/validate.ts';
import { processComposeBinary } from '../../rig/binary.ts';
import type { WrittenFiles } from '../../rig/written-files.ts';
import { writtenFiles } from '../../rig/written-files.ts';

const main = 'process-compose.yaml';
let binary = '';
beforeAll(async () => {
  binary = await processComposeBinary();
}, 300_000);

const validate = (
  tree: WrittenFiles,
  names: readonly string[] = [main],
  env: NodeJS.ProcessEnv = process.env,
) => validateFiles(binary, names.map(tree.path), { cwd: tree.root, env, timeoutMs: 30_000 });

/** `file:line:column message` of each problem. */
async function problems(
  files: Readonly<Record<string, string>>,
  names: readonly string[] = [main],
): Promise<readonly string[]> {
  using tree = writtenFiles(files);
  const result = await validate(tree, names);
  if (result.ok) return [];
  if (result.failure.reason !== 'stack-config-bad') throw new Error(JSON.stringify(result.failure));
  expect(result.failure.untouched).toBe(true);
  return result.failure.problems.map((problem) => shown(problem, tree.root));
}

const shown = ({ file, line, column, message }: ConfigProblem, root: string): string =>
  `${[file.slice(root.length + 1), line, column].filter((part) => part !== undefined).join(':')} ${message.replaceAll(root, '')}`;

const inProcess = (...lines: readonly string[]): string =>
  `processes:\n  a:\n    command: x\n${lines.map((line) => `    ${line}\n`).join('')}  b:\n    command: y\n`;

describe('the real process-compose takes', () => {
  it.each<[string, Record<string, string>, string[]?]>([
    ['a plain project', { [main]: inProcess() }],
    ['an empty file', { [main]: '' }],
    [
      'a file with an override',
      {
        [main]: inProcess(),
        'o.yaml': 'processes:\n  c: { command: z, depends_on: { a: { condition: process_started } } }\n',
      },
      [main, 'o.yaml'],
    ],
    [
      'a file that extends another',
      { [main]: 'extends: base/pc.yaml\nprocesses:\n  c: { command: z }\n', 'base/pc.yaml': inProcess() },
    ],
    [
      'x- keys and loose scalars',
      { [main]: `x-a: 1\n${inProcess('x-b: 2', 'replicas: 2.0', 'disabled: yes', 'description: 5')}` },
    ],
    ['values from .env', { [main]: inProcess('replicas: ${COUNT}'), '.env': 'COUNT=2\n' }],
  ])('%s', async (_, files, names) => {
    expect(await problems(files, names)).toEqual([]);
  });
});

describe('a problem is told with its place:', () => {
  it.each<[string, string, string[]]>([
    ['unknown key of a process', inProcess('bogus: 1'), [`${main}:4:5 unknown key \`bogus\` in \`a\``]],
    ['unknown key of the project', `proceses: {}\n${inProcess()}`, [`${main}:1:1 unknown key \`proceses\``]],
    [
      'undefined dependency',
      inProcess('depends_on:', '  db: { condition: process_started }'),
      [`${main}:5:7 \`a\` depends on \`db\`, which is not defined`],
    ],
    [
      'circle',
      'processes:\n  a: { command: x, depends_on: { b: { condition: process_started } } }\n  b: { command: x, depends_on: { a: { condition: process_started } } }\n',
      [`${main}:2:34 circular dependency: \`a\` → \`b\` → \`a\``],
    ],
    [
      'a process that waits for itself',
      inProcess('depends_on: { a: { condition: process_started } }'),
      [`${main}:4:19 circular dependency: \`a\` → \`a\``],
    ],
    [
      'wrong types, all of them',
      inProcess(
        'replicas: two',
        'disabled: maybe',
        'environment: X=1',
        'entrypoint: x',
        'shutdown: { signal: TERM }',
      ),
      [
        `${main}:4:15 \`replicas\`: expected a whole number, found \`two\``,
        `${main}:5:15 \`disabled\`: expected true or false, found \`maybe\``,
        `${main}:6:18 \`environment\`: expected a list such as ["NAME=value"], found \`X=1\``,
        `${main}:7:17 \`entrypoint\`: expected a list of strings, found \`x\``,
        `${main}:8:25 \`signal\`: expected a whole number, found \`TERM\``,
      ],
    ],
    [
      'a list where a command belongs',
      'processes:\n  a:\n    command: [x, y]\n',
      [`${main}:3:14 \`command\`: expected a string, found a list`],
    ],
    [
      'a map where a list belongs',
      inProcess('environment: { A: 1 }'),
      [`${main}:4:18 \`environment\`: expected a list such as ["NAME=value"], found a map`],
    ],
    ['a process that is a text', 'processes:\n  a: x\n', [`${main}:2:6 \`a\`: expected a map, found \`x\``]],
    [
      'processes that are a list',
      'processes:\n  - a\n',
      [`${main}:2:3 \`processes\`: expected a map, found a list`],
    ],
    ['a file that is a text', 'hello\n', [`${main}:1:1 expected a map, found \`hello\``]],
    [
      'a word that is none of the words',
      inProcess('availability: { restart: never }'),
      [`${main}:4:30 \`restart\`: expected one of no, always, on_failure, exit_on_failure, found \`never\``],
    ],
    ['a key that is there twice', inProcess('command: z'), [`${main}:4:5 duplicate key \`command\``]],
    [
      'a dependency on a disabled process',
      'processes:\n  a: { command: x, disabled: true }\n  b: { command: x, depends_on: { a: { condition: process_started } } }\n',
      [`${main}:3:34 \`b\` depends on \`a\`, which is disabled`],
    ],
    [
      'a wait for health without a probe',
      inProcess('depends_on: { b: { condition: process_healthy } }'),
      [`${main}:4:19 \`a\` waits for \`b\` to be healthy, but \`b\` has no readiness_probe`],
    ],
    [
      'two kinds of readiness at once',
      inProcess('ready_log_line: up', 'readiness_probe: { exec: { command: "true" } }'),
      [`${main}:4:5 'ready_log_line' and readiness probe defined in 'a' are incompatible`],
    ],
    [
      'an unclosed ${',
      `# c\n${inProcess('description: ${oops')}`,
      [`${main}:5:18 environment substitution: missing closing brace`],
    ],
    [
      'a broken template',
      inProcess('description: "{{.x"'),
      [`${main}:2:3 error rendering template for process a: template: :1: unclosed action`],
    ],
    ['an unknown log level', `log_level: loud\n${inProcess()}`, [`${main}:1:1 unknown log level loud`]],
  ])('%s', async (_, text, expected) => {
    expect(await problems({ [main]: text })).toEqual(expected);
  });

  it('a syntax error, with the line of our own parser', async () => {
    const [first] = await problems({ [main]: 'processes:\n  a:\n    command: "x\n  b: y\n' });
    expect(first).toMatch(/^process-compose\.yaml:\d+:\d+ /);
    const [tab] = await problems({ [main]: 'processes:\n\ta: {}\n' });
    expect(tab).toMatch(/^process-compose\.yaml:2:1 /);
  });

  it('one in an override, in that file', async () => {
    expect(
      await problems(
        {
          [main]: inProcess(),
          'o.yaml': 'processes:\n  a:\n    depends_on: { zz: { condition: process_started } }\n',
        },
        [main, 'o.yaml'],
      ),
    ).toEqual(['o.yaml:3:19 `a` depends on `zz`, which is not defined']);
  });

  it('one in an extended file, in that file', async () => {
    expect(
      await problems({ [main]: 'extends: base/pc.yaml\n', 'base/pc.yaml': inProcess('comand: z') }),
    ).toEqual(['base/pc.yaml:4:5 unknown key `comand` in `a`']);
  });

  it('an extended file that is not there, at the key that names it', async () => {
    expect(await problems({ [main]: 'extends: nope.yaml\n' })).toEqual([
      `${main}:1:10 extends /nope.yaml, which does not exist`,
    ]);
  });

  it('a file that is not there', async () => {
    expect(await problems({})).toEqual([`${main} does not exist`]);
    expect(await problems({}, [])).toHaveLength(1);
  });

  it('what only process-compose knows, first and whole', async () => {
    const [first] = await problems({
      [main]: `shell: { shell_command: no-such-shell, shell_argument: -c }\n${inProcess()}`,
    });
    expect(first).toMatch(/no-such-shell/);
  });
});

describe('a validation', () => {
  it('writes nothing into the project', async () => {
    using tree = writtenFiles({ [main]: `log_location: ./all.log\n${inProcess('log_location: ./a.log')}` });
    expect((await validate(tree)).ok).toBe(true);
    expect(readdirSync(tree.root)).toEqual([main]);
  });

  it('does not listen to the PC_ variables of another project', async () => {
    using tree = writtenFiles({ [main]: inProcess(), 'other.yaml': 'nonsense' });
    const env = { ...process.env, PC_CONFIG_FILES: tree.path('other.yaml'), PC_LOG_FILE: tree.path('x.log') };
    expect((await validate(tree, [main], env)).ok).toBe(true);
    expect(readdirSync(tree.root).toSorted()).toEqual(['other.yaml', main]);
  });

  it('says which program could not be run', async () => {
    using tree = writtenFiles({ [main]: inProcess() });
    const result = await validateFiles('/nonexistent/pc', [tree.path(main)], {
      cwd: tree.root,
      env: {},
      timeoutMs: 30_000,
    });
    expect(result).toMatchObject({ ok: false, failure: { reason: 'command-failed', exitCode: null } });
  });

  it('is bounded', async () => {
    using tree = writtenFiles({ [main]: inProcess(), slow: '#!/bin/sh\nexec sleep 60\n' });
    const result = await validateFiles(tree.path('slow'), [tree.path(main)], {
      cwd: tree.root,
      env: process.env,
      timeoutMs: 100,
    });
    expect(result).toMatchObject({ ok: false, failure: { reason: 'command-timeout' } });
  });

  it('relies on our own eyes where the release is too old for a dry run', async () => {
    using tree = writtenFiles({
      [main]: inProcess('bogus: 1'),
      old: '#!/bin/sh\necho "Error: unknown flag: --dry-run" >&2\nexit 1\n',
    });
    const result = await validateFiles(tree.path('old'), [tree.path(main)], {
      cwd: tree.root,
      env: process.env,
      timeoutMs: 30_000,
    });
    expect(result).toMatchObject({
      ok: false,
      failure: { reason: 'stack-config-bad', problems: [{ line: 4 }] },
    });
  });
});

describe('the useful part of a fatal line', () => {
  it.each<[string, string | null]>([
    [
      "26-11-23 12:00:00.000 FTL Failed to load project error=\"unknown key 'x' found in process 'a'\"\n",
      "unknown key 'x' found in process 'a'",
    ],
    [
      '\u001B[90m26-11-23\u001B[0m \u001B[31mFTL\u001B[0m \u001B[1mFailed to parse f\u001B[0m \u001B[36merror=\u001B[0m\u001B[31m"a \\"b\\""\u001B[0m\n',
      'a "b"',
    ],
    [
      'x FTL Failed to parse f error="yaml: unmarshal errors:\\n  line 4: one\\n  line 5: two"\n',
      'line 4: one\nline 5: two',
    ],
    ['x FTL something else\n', 'something else'],
    ['x FTL other thing error=plain\n', 'other thing: plain'],
    ['{"level":"debug"}\npanic: oh\n', null],
    ['', null],
  ])('of %j', (stderr, message) => {
    expect(fatalMessage(stderr)).toBe(message);
  });
});
