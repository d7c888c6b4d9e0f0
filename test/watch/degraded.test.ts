/** What happens when the kernel has no watch left, in the middle of a tree. */
import type * as fs from 'node:fs';
import { expect, it, vi } from 'vitest';
import { watchHints } from '../../src/watch/hints.ts';
import { sandbox, until } from './sandbox.ts';

const kernel = vi.hoisted(() => ({ code: 'ENOSPC', from: 'full' }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const watch = (path: string, ...rest: unknown[]): unknown => {
    if (path.includes(kernel.from)) throw Object.assign(new Error('no more'), { code: kernel.code });
    return (real.watch as (...args: unknown[]) => unknown)(path, ...rest);
  };
  return { ...real, default: { ...real, watch }, watch };
});

it.each([
  ['ENOSPC', 'fs.inotify.max_user_watches'],
  ['EMFILE', 'fs.inotify.max_user_instances'],
])(
  'says once what to do about %s, then looks every so often, and still sees the inputs',
  async (code, advice) => {
    kernel.code = code;
    using box = sandbox();
    for (const path of ['a/x', 'full/x', 'full/y/z', 'full2/x']) box.write(path);
    const degraded: string[] = [];
    const hinted = new Set<string>();
    let looks = 0;
    await using source = await watchHints({
      root: box.root,
      workTree: box.root,
      gitDir: null,
      stateDir: box.at('.git/upkeep'),
      inputs: [box.at('devenv.nix')],
      trees: true,
      ignore: [],
      engine: 'native',
      pollMs: 50,
      onHint: ({ paths }) => {
        if (paths.length === 0) looks += 1;
        for (const path of paths) hinted.add(path);
      },
      onGit: () => {},
      onDegraded: (message) => degraded.push(message),
    });
    await until(() => looks > 2, 'the polling');
    expect(degraded).toHaveLength(1);
    expect(degraded[0]).toContain(advice);
    expect(source.degraded()).toBe(degraded[0]);
    expect(source.engine).toBe('poll');
    await source.setTrees(true);
    box.write('devenv.nix');
    await until(() => hinted.has('devenv.nix'), 'the input');
    expect(await source.verify()).toBe(true);
  },
);
