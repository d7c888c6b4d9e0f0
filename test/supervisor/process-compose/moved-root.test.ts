import { expect, test } from 'vitest';
import { markerName } from '../../../src/core/project.ts';
import { sha256 } from '../../../src/io/hash.ts';
import { followRename } from '../../../src/supervisor/process-compose/moved-root.ts';

const uuid = '01234567-89ab-4cde-8f01-23456789abcd';
const markerOf = (root: string) => ({ [markerName]: `${sha256(root).slice(0, 16)}.${uuid}` });
const argvIn = (root: string) => [
  'process-compose',
  '-f',
  `${root}/process-compose.yaml`,
  '-u',
  '/run/s',
  'up',
];
const gone = '/tmp/upkeep-test-no-such-directory';

test('a project that was renamed while it ran has its files under its new name', () => {
  expect(followRename(argvIn(gone), '/tmp', markerOf(gone))).toEqual(argvIn('/tmp'));
});

test.each([
  ['a marker of another project', argvIn(gone), '/tmp', markerOf('/home/me/other')],
  ['no marker', argvIn(gone), '/tmp', {}],
  ['a directory that was removed, not renamed', argvIn(gone), `${gone} (deleted)`, markerOf(gone)],
  ['a directory that is still there: a copy is no rename', argvIn('/tmp'), '/var', markerOf('/tmp')],
  ['a server that did not move', argvIn(gone), gone, markerOf(gone)],
  ['a server whose directory cannot be seen', argvIn(gone), null, markerOf(gone)],
])('nothing follows from %s', (_, argv, cwd, variables) => {
  expect(followRename(argv, cwd, variables)).toEqual(argv);
});
