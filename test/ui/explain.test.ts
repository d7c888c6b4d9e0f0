import { expect, it } from 'vitest';
import { exitCode } from '../../src/core/failure.ts';
import { explain } from '../../src/ui/explain.ts';

it('says what, where and the next move for a configuration that does not evaluate', () => {
  const lines = explain({
    reason: 'stack-config-bad',
    untouched: true,
    problems: [
      {
        file: '/p/process-compose.yaml',
        line: 3,
        column: 5,
        message: 'unknown key `comand`',
        hint: 'did you mean `command`?',
      },
    ],
  });
  expect(lines).toEqual([
    'the configuration of the stack does not evaluate:',
    '  /p/process-compose.yaml:3:5: unknown key `comand` (did you mean `command`?)',
    'Nothing was touched. Fix it and run the command again.',
  ]);
});

it('names the holder of a port with its pid and directory', () => {
  const holder = {
    port: 3000,
    pid: 42,
    uid: 0,
    command: 'node x.js',
    cwd: '/elsewhere',
    project: null,
    service: null,
  };
  expect(explain({ reason: 'port-taken', holders: [holder] })[0]).toBe(
    '  port 3000 is taken by pid 42 (node x.js) in /elsewhere',
  );
});

it('tells a stranger at the endpoint from somebody who started the same stack in the same moment', () => {
  const taken = {
    reason: 'instance-foreign',
    endpoint: 'unix:/x',
    pid: 42,
    cwd: '/p',
    command: 'c',
  } as const;
  expect(explain(taken).join(' ')).toMatch(/belongs to something else: pid 42/);
  expect(explain({ ...taken, inProject: true }).join(' ')).toMatch(/same moment: pid 42[^]*upkeep status/);
});

it('shows the last log lines of a service that failed', () => {
  const lines = explain({
    reason: 'not-ready',
    why: 'failed',
    waitedMs: 100,
    services: [{ name: 'web', what: 'exited with 7', lastLog: ['boom'] }],
  });
  expect(lines).toContain('  web: exited with 7');
  expect(lines).toContain('    web | boom');
});

it('uses the exit codes that the documents promise', () => {
  expect([
    exitCode.usage,
    exitCode['not-running'],
    exitCode['port-taken'],
    exitCode.survivors,
    exitCode['stack-config-bad'],
    exitCode.timeout,
    exitCode.interrupted,
  ]).toEqual([2, 3, 4, 5, 6, 7, 130]);
});

it.each([
  ['ENOSPC', /Make room/],
  ['EACCES', /write access/],
])('a state directory that cannot be written for %s names what helps', (code, words) => {
  const lines = explain({ reason: 'state-unwritable', path: '/p/.git/upkeep/x', code });
  expect(lines.join('\n')).toMatch(words);
});

it('says what an interrupted verb left', () => {
  expect(explain({ reason: 'interrupted' })).toEqual(['interrupted.']);
  expect(explain({ reason: 'interrupted', left: 'untouched' })).toContain('Nothing was touched.');
  expect(explain({ reason: 'interrupted', left: 'down' }).join()).toMatch(/is down: `upkeep start`/);
  expect(explain({ reason: 'interrupted', left: 'starting' }).join()).toMatch(/`upkeep stop` ends it/);
});
