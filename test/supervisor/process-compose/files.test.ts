import { expect, it } from 'vitest';
import { discoverFiles } from '../../../src/supervisor/process-compose/files.ts';
import { writtenFiles } from '../../rig/written-files.ts';

const ours = 'processes:\n  a: { command: x }\n';
const docker = 'services:\n  db: { image: postgres }\n';

it.each<[string, Record<string, string>, string[]]>([
  ['nothing', {}, []],
  ['a process-compose file', { 'process-compose.yaml': ours }, ['process-compose.yaml']],
  [
    'with its override',
    { 'process-compose.yml': ours, 'process-compose.override.yaml': ours },
    ['process-compose.yml', 'process-compose.override.yaml'],
  ],
  ['an override alone', { 'process-compose.override.yaml': ours }, []],
  ['a Docker file', { 'compose.yaml': docker }, []],
  [
    'a Docker file beside ours',
    { 'compose.yaml': docker, 'compose.override.yaml': docker, 'process-compose.yaml': ours },
    ['process-compose.yaml'],
  ],
  ['processes below another key', { 'compose.yaml': `x:\n  ${ours}` }, []],
  [
    'a compose file with processes',
    { 'compose.yaml': ours, 'compose.override.yaml': ours },
    ['compose.yaml', 'compose.override.yaml'],
  ],
  ['an empty file of ours', { 'process-compose.yaml': '' }, ['process-compose.yaml']],
  [
    'several of ours',
    {
      'process-compose.yaml': ours,
      'process-compose.yml': ours,
      'process-compose.override.yaml': ours,
      'process-compose.override.yml': ours,
    },
    ['process-compose.yml', 'process-compose.override.yml'],
  ],
])('%s', (_, files, found) => {
  using tree = writtenFiles(files);
  expect(discoverFiles(tree.root)).toEqual(found.map(tree.path));
});
