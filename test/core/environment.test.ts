import { expect, it } from 'vitest';
import { stackEnvironment } from '../../src/core/environment.ts';

it('keeps what a service needs and drops what belongs to git, npm, hooks, editors, terminals and process-compose', () => {
  const kept = {
    HOME: '/h',
    LANG: 'C',
    PATH: '/bin',
    DATABASE_URL: 'x',
    DEVENV_ROOT: '/p',
    NODE_OPTIONS: '--a',
  };
  const dropped = {
    GIT_DIR: '.git', GIT_INDEX_FILE: 'i', npm_config_x: '1', npm_lifecycle_event: 'test', HUSKY: '0', HUSKY_GIT_PARAMS: 'x',
    PC_SOCKET_PATH: '/other', PC_CONFIG_FILES: 'a', VSCODE_PID: '1', TERM: 'xterm', TERM_PROGRAM: 'x', TMUX: 't', EDITOR: 'vi',
    UPKEEP_INSTANCE: 'a.b', INIT_CWD: '/', SHLVL: '2', _: '/bin/x',
  }; // prettier-ignore
  expect(stackEnvironment({ ...dropped, ...kept, GONE: undefined })).toEqual(kept);
});

it('is sorted, so that two records of the same environment are equal', () => {
  expect(Object.keys(stackEnvironment({ B: '1', A: '2' }))).toEqual(['A', 'B']);
});
