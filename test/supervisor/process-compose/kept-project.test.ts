import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  lastDefinition,
  readDefinition,
} from '../../../src/supervisor/process-compose/definition/read-definition.ts';
import { writtenFiles } from '../../rig/written-files.ts';

const files = {
  'process-compose.yaml': 'extends: base.yaml\nprocesses:\n  web: { command: node a.mjs }\n',
  'base.yaml': 'processes:\n  db: { command: "db ${PORT:-1}", description: 0x10 }\n',
  'state/empty': '',
};

function project() {
  const tree = writtenFiles(files);
  const cacheFile = tree.path('state/definition.cache');
  const main = [tree.path('process-compose.yaml')];
  const read = async (more: { env?: Record<string, string>; names?: string[] } = {}) => {
    const { env = {}, names } = more;
    const options = { root: tree.root, env, cacheFile };
    return readDefinition(names ? names.map(tree.path) : main, options);
  };
  const fresh = (env = {}) => readDefinition(main, { root: tree.root, env });
  return { tree, cacheFile, read, fresh };
}

/** To be told from what a file says: only the cache can have it. */
const forge = (file: string): void =>
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('node a.mjs', 'node z.mjs'));

describe('the kept project', () => {
  it('means the same as the files that it was read from', async () => {
    const { tree, cacheFile, read, fresh } = project();
    using _ = tree;
    const first = await read();
    expect(existsSync(cacheFile)).toBe(true);
    expect(first).toEqual(await fresh());
    expect(await read()).toEqual(await fresh());
    expect(statSync(cacheFile).mode & 0o777).toBe(0o600);
  });

  it('tells what the files meant before they broke', async () => {
    const { tree, cacheFile, read, fresh } = project();
    using _ = tree;
    await read();
    const before = await fresh();
    writeFileSync(tree.path('base.yaml'), 'processes: [');
    expect(await read()).toMatchObject({ ok: false });
    const main = [tree.path('process-compose.yaml')];
    expect(before).toEqual({ ok: true, value: lastDefinition(main, { root: tree.root, cacheFile }) });
    expect(lastDefinition([tree.path('base.yaml')], { root: tree.root, cacheFile })).toBeNull();
  });

  it('is what is read the second time', async () => {
    const { tree, cacheFile, read } = project();
    using _ = tree;
    await read();
    const before = statSync(cacheFile).ino;
    await read();
    expect(statSync(cacheFile).ino).toBe(before);
  });

  it('takes the environment of each read', async () => {
    const { tree, read } = project();
    using _ = tree;
    await read({ env: { PORT: '7' } });
    const again = await read({ env: { PORT: '8' } });
    expect(again).toMatchObject({ ok: true, value: { services: [{ command: 'db 8' }, { name: 'web' }] } });
  });

  it.each(['process-compose.yaml', 'base.yaml'])('is read anew when %s changes', async (name) => {
    const { tree, read, fresh } = project();
    using _ = tree;
    await read();
    tree.write({ [name]: `${files[name as 'base.yaml']}  more: { command: x }\n` });
    const again = await read();
    expect(again).toEqual(await fresh());
    expect(again).toMatchObject({ ok: true, value: { services: { length: 3 } } });
  });

  it('does not answer for other files', async () => {
    const { tree, read } = project();
    using _ = tree;
    await read();
    expect(await read({ names: ['base.yaml'] })).toMatchObject({
      ok: true,
      value: { services: { length: 1 } },
    });
  });

  it('tells of a file that became bad, and of one that is gone', async () => {
    const { tree, read } = project();
    using _ = tree;
    await read();
    tree.write({ 'process-compose.yaml': 'processes: [\n' });
    expect(await read()).toMatchObject({ ok: false, failure: { reason: 'stack-config-bad' } });
    tree.write(files);
    tree.remove('base.yaml');
    expect(await read()).toMatchObject({ ok: false, failure: { reason: 'stack-config-bad' } });
  });

  it.each<[string, (text: string) => string]>([
    ['cut off', (text) => text.slice(0, -5)],
    ['empty', () => ''],
    ['of a newer upkeep', (text) => text.replace('"schema":1', '"schema":2')],
    ['of another build', (text) => text.replace('"writer":"', '"writer":"9')],
    ['no JSON', () => '{\n}'],
  ])('is not believed when it is %s', async (_what, spoil) => {
    const { tree, cacheFile, read, fresh } = project();
    using _ = tree;
    await read();
    writeFileSync(cacheFile, spoil(readFileSync(cacheFile, 'utf8')));
    expect(await read()).toEqual(await fresh());
    forge(cacheFile);
    expect(await read()).toEqual(await fresh());
  });

  it('is written nowhere when there is no state directory', async () => {
    const { tree, fresh } = project();
    using _ = tree;
    const cacheFile = tree.path('elsewhere/definition.cache');
    const names = [tree.path('process-compose.yaml')];
    expect(await readDefinition(names, { root: tree.root, env: {}, cacheFile })).toEqual(await fresh());
    expect(existsSync(cacheFile)).toBe(false);
  });

  it('is not kept when JSON cannot say it', async () => {
    const { tree, cacheFile, read } = project();
    using _ = tree;
    tree.write({ 'process-compose.yaml': 'processes:\n  web: { command: x, vars: { a: .inf } }\n' });
    expect(await read()).toMatchObject({ ok: true });
    expect(existsSync(cacheFile)).toBe(false);
  });
});
