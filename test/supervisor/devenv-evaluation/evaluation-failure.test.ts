import { describe, expect, it } from 'vitest';
import { evaluationFailure } from '../../../src/supervisor/devenv-evaluation/evaluation-failure.ts';
import { writtenFiles } from '../../rig/written-files.ts';

const command = 'devenv print-dev-env';

describe('a failed evaluation', () => {
  it('names the line of an option that Nix tells only the file of', () => {
    using files = writtenFiles({
      'devenv.nix':
        '{ pkgs, ... }:\n{\n  # processes.web.exc is wrong\n  processes = {\n    web = {\n      exc = "x";\n    };\n  };\n}\n',
    });
    const stderr = `error: The option \`processes.web.exc' does not exist. Definition values:\n- In \`${files.path('devenv.nix')}': "x"\n`;
    expect(evaluationFailure(files.root, { command, exitCode: 1, stderr })).toMatchObject({
      reason: 'stack-config-bad',
      problems: [{ file: files.path('devenv.nix'), line: 6, column: 7 }],
    });
  });

  it('names the file that a person edits, not its copy in the store', () => {
    using files = writtenFiles({ 'devenv.nix': '{\n}\n' });
    const copies = [
      '/nix/store/abc-source/devenv.nix',
      `/nix/store/virtual0-source${files.path('devenv.nix')}`,
    ];
    for (const copy of copies) {
      const stderr = `error: undefined variable 'foo'\n  at ${copy}:2:1:\n`;
      expect(evaluationFailure(files.root, { command, exitCode: 1, stderr })).toMatchObject({
        problems: [{ file: files.path('devenv.nix'), line: 2, column: 1 }],
      });
    }
  });

  it('takes devenv.nix for one without a place, and devenv.yaml for secrets', () => {
    using files = writtenFiles({ 'devenv.nix': '' });
    const of = (stderr: string) => evaluationFailure(files.root, { command, exitCode: 1, stderr });
    expect(of('error: no database\n')).toMatchObject({ problems: [{ file: files.path('devenv.nix') }] });
    expect(
      of('Error:   × Failed to resolve secrets\n  ╰─▶ secretspec: required secret X is missing\n'),
    ).toMatchObject({
      problems: [{ file: files.path('devenv.yaml'), hint: expect.stringContaining('secretspec check') }],
    });
    expect(of('Error:   × No processes defined\n')).toMatchObject({
      problems: [{ hint: expect.stringContaining('processes.web.exec') }],
    });
  });

  it.each([
    ["error: unable to download 'https://x/nar': Could not resolve hostname (6)", 1, /network/],
    ['error: writing to file: No space left on device', 1, /room/],
    ['Error:   × database is locked\n', 1, /at work/],
    ["error: unrecognized subcommand 'build'\n\nUsage: devenv\n", 2, /too old/],
    ["error: unrecognized subcommand 'print-dev-env'\n", 2, /`devenv up` starts the processes/],
    ['devenv 0.6.3: Fast, Declarative …\n\nUsage: devenv command [options]\n\nCommands:\n', 1, /too old/],
    ['', 1, /by hand/],
    ['', null, /memory/],
    [
      'error: cannot connect to socket at /nix/var/nix/daemon-socket/socket: Connection refused',
      1,
      /network|daemon/,
    ],
  ])('%j with %s is no matter of the files, and says what to do', (stderr, exitCode, advice) => {
    const failure = evaluationFailure('/p', { command, exitCode, stderr });
    expect(failure).toMatchObject({ reason: 'evaluation-broke', advice: expect.stringMatching(advice) });
  });

  it('a cache that could not be reached in passing is not the reason', () => {
    const stderr =
      "warning: unable to download 'https://x': Could not resolve host\nerror: undefined variable 'a'\n at /p/devenv.nix:1:1:\n";
    expect(evaluationFailure('/p', { command, exitCode: 1, stderr })).toMatchObject({
      reason: 'stack-config-bad',
    });
  });
});
