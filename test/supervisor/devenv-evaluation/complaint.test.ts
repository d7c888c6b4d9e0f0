import { describe, expect, it } from 'vitest';
import { complaintsIn } from '../../../src/supervisor/devenv-evaluation/complaint.ts';

/** What a module error has above it: 33 frames as a rule. */
const trace = [
  '\u001b[31;1merror:\u001b[0m',
  "       … while calling the \u001b[35;1m'head'\u001b[0m builtin",
  '         at \u001b[35;1m/nix/store/abc-source/lib/attrsets.nix:1534:13\u001b[0m:',
  '         1533|           if length values == 1 || pred here (elemAt values 1) (head values) then',
  '         1534|             head values',
  '             |             \u001b[31;1m^\u001b[0m',
  '         1535|           else',
  '',
  "       … while evaluating the option `processes.web.exec':",
  "       (stack trace truncated; use '--show-trace' to show the full, detailed trace)",
  '',
].join('\n');

const box = [
  'Building shell in 564ms',
  'Error:   × Command `/nix/store/0vwws3vz1cs0vl1nv3w5nk3y4xhs8s2x-devenv-',
  '  │ nix-2.30.4/bin/nix --show-trace --extra-experimental-features nix-command',
  '  │ print-dev-env --profile /p/.devenv/gc/shell` failed with exit code 1',
  '',
].join('\n');

const failed = (last: string): string => `${trace}${last}\n${box}`;

describe('what Nix says', () => {
  it.each([
    [
      'a syntax error',
      [
        "       \u001b[31;1merror:\u001b[0m syntax error, unexpected '}', expecting ';'",
        '       at \u001b[35;1m/p/devenv.nix:4:1\u001b[0m:',
        '            3|   processes.web.exec = "x"',
        '            4| }',
        '             | \u001b[31;1m^\u001b[0m',
      ],
      {
        message: "syntax error, unexpected '}', expecting ';'",
        place: { path: '/p/devenv.nix', line: 4, column: 1 },
      },
    ],
    [
      'an undefined variable, with the blank lines of Nix 2.8',
      [
        "error: undefined variable 'foo'",
        '',
        '       at /p/devenv.nix:3:30:',
        '',
        '            2| {',
        '             |      ^',
      ],
      { message: "undefined variable 'foo'", place: { path: '/p/devenv.nix', line: 3, column: 30 } },
    ],
    [
      'a missing attribute and what could be meant',
      [
        "       error: attribute 'nodejss' missing",
        '       at /p/devenv.nix:7:14:',
        '            7|   packages = [ pkgs.nodejss ];',
        '       Did you mean one of nodejs or nodejs-slim?',
      ],
      {
        message: "attribute 'nodejss' missing",
        hint: 'Did you mean one of nodejs or nodejs-slim?',
        place: { line: 7 },
      },
    ],
    [
      'an option that does not exist',
      [
        "       error: The option `processes.web.exc' does not exist. Definition values:",
        '       - In `/p/devenv.nix\': "node server.js"',
      ],
      {
        message: "The option `processes.web.exc' does not exist.",
        option: 'processes.web.exc',
        place: { path: '/p/devenv.nix', line: null },
      },
    ],
    [
      'a wrong type',
      [
        "       error: A definition for option `processes.web.exec' is not of type `string'. Definition values:",
        "       - In `/p/devenv.nix': 5",
      ],
      {
        message: "A definition for option `processes.web.exec' is not of type `string'.",
        option: 'processes.web.exec',
        place: { path: '/p/devenv.nix' },
      },
    ],
    [
      'a wrong type in 2.x, which loses the name of the file',
      [
        "       error: A definition for option `env.A' is not of type `string'. Definition values:",
        "       - In `<unknown-file>': { }",
      ],
      { option: 'env.A', place: null },
    ],
    [
      'a throw, which has no place',
      ['       error: set DATABASE_URL first'],
      { message: 'set DATABASE_URL first', place: null },
    ],
    [
      'a build that failed, with the end of its log',
      [
        "       error: builder for '/nix/store/x-web.drv' failed with exit code 2;",
        '              last 2 log lines:',
        '              > cc: not found',
        '              > make: *** [all] Error 127',
        "              For full logs, run 'nix log /nix/store/x-web.drv'.",
      ],
      { message: expect.stringMatching(/^builder for .* exit code 2;\ncc: not found\nmake.* Error 127$/) },
    ],
    [
      'a build that failed below others',
      [
        "error: builder for '/nix/store/x-bad.drv' failed with exit code 3;",
        '       last 1 log lines:',
        '       > boom',
        '       For full logs, run:',
        '         nix log /nix/store/x-bad.drv',
        "error: 1 dependencies of derivation '/nix/store/y-devenv-shell-env.drv' failed to build",
      ],
      { message: "builder for '/nix/store/x-bad.drv' failed with exit code 3;\nboom" },
    ],
    [
      'a build that failed below others, in the words of Nix 2.31',
      [
        "error: Cannot build '/nix/store/x-bad.drv'.",
        '       Reason: builder failed with exit code 3.',
        '       Output paths:',
        '         /nix/store/o-bad',
        '       Last 1 log lines:',
        '       > boom',
        "error: Cannot build '/nix/store/y-devenv-shell-env.drv'.",
        '       Reason: 1 dependency failed.',
      ],
      { message: "Cannot build '/nix/store/x-bad.drv'.\nReason: builder failed with exit code 3.\nboom" },
    ],
  ])('%s', (_, last, expected) => {
    const [complaint, ...more] = complaintsIn(failed(last.join('\n')));
    expect(more).toEqual([]);
    expect(complaint).toMatchObject(expected);
  });

  it('each failed assertion is a complaint of its own', () => {
    const last = [
      '       error:',
      '       Failed assertions:',
      '       - the first',
      '       - the second,',
      '         which goes on',
    ];
    expect(complaintsIn(failed(last.join('\n'))).map(({ message }) => message)).toEqual([
      'the first',
      'the second,\nwhich goes on',
    ]);
  });

  it('is told once where it was printed twice', () => {
    const last = '       error: syntax error, unexpected end of file\n       at /p/devenv.nix:9:1:\n';
    expect(complaintsIn(`${trace}${last}${trace}${last}${box}`)).toHaveLength(1);
  });
});

describe('what devenv says', () => {
  it.each([
    [
      'a broken devenv.yaml of 2.1 and later, in red, without bars',
      '• Validating lock\n✓ Validating lock in 68.3µs\n  \u001b[31m×\u001b[0m Failed to parse configuration from: ./devenv.yaml\n\u001b[31m   ─▶ \u001b[0mFailed to parse ./devenv.yaml.\n\u001b[31m   ─▶ \u001b[0ma: did not find expected node content at line 2 column 1, while parsing a flow node\n\n',
      {
        message: 'a: did not find expected node content',
        place: { path: './devenv.yaml', line: 2, column: 1 },
      },
    ],
    [
      'an attribute that does not evaluate, of 2.1 and later',
      "✖ Evaluating devenv.config.task.config in 292ms (failed)\n  \u001b[31m×\u001b[0m Failed to evaluate attribute: devenv.config.task.config: error:\n  \u001b[31m \u001b[0m … while calling the 'throw' builtin\n  \u001b[31m \u001b[0m\n  \u001b[31m \u001b[0m error: no port is left\n\n",
      { message: 'no port is left', place: null },
    ],
    [
      'a broken devenv.yaml, wrapped',
      'Error:   × Failed to parse configuration from: ./devenv.yaml\n  ╰─▶ inputs: invalid type: string "x", expected a map at line 2\n      column 1\n',
      {
        message: 'inputs: invalid type: string "x", expected a map',
        place: { path: './devenv.yaml', line: 2, column: 1 },
      },
    ],
    [
      'no devenv.nix',
      'Error:   × File devenv.nix does not exist.\n',
      { message: 'File devenv.nix does not exist.' },
    ],
    [
      'no processes',
      "No 'processes' option defined: https://devenv.sh/processes/\nError:   × No processes defined\n",
      { message: 'No processes defined' },
    ],
    [
      'a chain of causes',
      'Error:   × Failed to resolve secrets\n  ╰─▶ secretspec: required secret DATABASE_URL is missing\n',
      { message: 'Failed to resolve secrets: secretspec: required secret DATABASE_URL is missing' },
    ],
    [
      'a verb that this release does not have',
      "error: unrecognized subcommand 'build'\n\nUsage: devenv [OPTIONS] <COMMAND>\n",
      { message: "unrecognized subcommand 'build'" },
    ],
    [
      'words of no known form',
      'thread main panicked\nat src/main.rs\n',
      { message: 'thread main panicked\nat src/main.rs' },
    ],
  ])('%s', (_, text, expected) => {
    expect(complaintsIn(text)).toMatchObject([expected]);
  });

  it('nothing said is no complaint', () => {
    expect(complaintsIn(' \n')).toEqual([]);
  });
});
