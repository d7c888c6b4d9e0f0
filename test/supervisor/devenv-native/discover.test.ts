import { describe, expect, test } from 'vitest';
import { isTaskRunner, sitsOnTerminal } from '../../../src/supervisor/devenv-native/discover.ts';

const store = '/nix/store/x-devenv-tasks/bin/devenv-tasks';

describe('who listens on the manager’s socket', () => {
  test('is no manager where it runs one service of process-compose', () => {
    const words = ['run', '--task-file', '/nix/store/x-tasks.json', '--mode', 'all'];
    expect(isTaskRunner([store, ...words, '--ignore-process-deps', 'devenv:processes:web'])).toBe(true);
    // Newer ones say it so.
    expect(isTaskRunner([store, ...words, '--supervisor', 'external', 'devenv:processes:web'])).toBe(true);
    expect(isTaskRunner([store, ...words, 'devenv:processes:web', 'devenv:processes:db'])).toBe(false);
    expect(isTaskRunner(['devenv', 'up', '--ignore-process-deps'])).toBe(false);
    expect(isTaskRunner([])).toBe(false);
  });

  test.each([
    [['devenv', 'up'], 34816, true],
    [['devenv', 'up'], 0, false],
    [['/usr/bin/devenv', 'daemon-processes', '/run/x/daemon-config.json'], 34816, false],
  ])('called as %j on terminal %i sits on it: %s', (argv, terminal, expected) => {
    expect(sitsOnTerminal(terminal, argv)).toBe(expected);
  });
});
