import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { devenvProject } from '../rig/devenv.ts';
import { freePort } from '../rig/free-port.ts';
import { eventually } from '../rig/until.ts';

const repository = join(import.meta.dirname, '../..');

test.for(['1.11', '2.2'] as const)(
  'the shop with devenv %s comes up in order and answers from its database',
  { timeout: 90_000 },
  async (release) => {
    await using p = await devenvProject({ release, leftovers: 'end' });
    cpSync(join(repository, 'examples/shop-devenv'), p.root, { recursive: true });
    symlinkSync(join(repository, 'node_modules'), p.at('node_modules'));
    const [db, web] = [await freePort(), await freePort()];
    const env = { SHOP_DB_PORT: `${db}`, SHOP_WEB_PORT: `${web}` };
    const { code, stderr } = await p.devenv(['up', '-d'], { env });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const answer = (): Promise<string | null> =>
      fetch(`http://127.0.0.1:${web}/`).then(
        (response) => (response.ok ? response.text() : null),
        () => null,
      );
    // The database takes 4 s of one processor to start, and others may want it too.
    const page = await eventually('the shop answers', answer, { boundMs: 60_000 });
    expect(page).toContain('coffee: 7.90');
    expect(await p.devenv(['processes', 'down'], { env })).toMatchObject({ code: 0 });
    expect(p.project.living).toEqual([]);
  },
);
