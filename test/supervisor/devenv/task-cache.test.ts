import { expect, test } from 'vitest';
import { runnerIn } from '../../../src/supervisor/devenv/task-cache.ts';

const runner = '/nix/store/x-devenv-tasks-2.2.2/bin/devenv-tasks';
const tasks = '/nix/store/y-tasks.json';

test.each([
  ['/p/.devenv', '/p/.devenv'],
  ["'/p with spaces/.devenv'", '/p with spaces/.devenv'],
])('the runner of devenv 2 is read with its cache %s', (written, directory) => {
  const yaml = `processes:\n  web:\n    command: exec ${runner} run --task-file ${tasks} --mode all --cache-dir ${written} --runtime-dir /run/x --ignore-process-deps devenv:processes:web\n`;
  expect(runnerIn(yaml)).toEqual([runner, 'run', '--task-file', tasks, '--cache-dir', directory]);
});

test('one that names no cache is left alone', () => {
  expect(
    runnerIn(`command: exec ${runner} run --task-file ${tasks} --mode all devenv:processes:web`),
  ).toBeNull();
  expect(runnerIn('command: exec /nix/store/z-web')).toBeNull();
});
