import { expect, test } from 'vitest';
import { definitionOf } from '../../../src/supervisor/devenv/definition.ts';
import { writtenFiles } from '../../rig/written-files.ts';

test('a name in the generated YAML stands for what the evaluated environment says, not for the caller’s', async () => {
  using files = writtenFiles({
    shell: JSON.stringify({ variables: { SUB: { type: 'exported', value: 'backend' } } }),
    'pc.yaml': 'processes:\n  web:\n    command: exec ./serve\n    working_dir: ${SUB}\n',
  });
  const generated = {
    root: files.root,
    shell: files.path('shell'),
    script: files.path('script'),
    configFile: files.path('pc.yaml'),
    taskFile: null,
    outdated: false,
  };
  const read = await definitionOf(generated, { env: { SUB: 'other' }, cacheFile: files.path('cache') });
  expect(read).toMatchObject({
    ok: true,
    value: { services: [{ name: 'web', workingDirectory: files.path('backend') }] },
  });
});
