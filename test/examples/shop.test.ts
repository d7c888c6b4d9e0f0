import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../rig/free-port.ts';
import { realServer } from '../rig/process-compose-server.ts';

const shop = join(import.meta.dirname, '../../examples/shop');

test('the shop comes up in order, answers from its database, and stops at once', async () => {
  const [db, web] = [await freePort(), await freePort()];
  const env = { SHOP_DB_PORT: `${db}`, SHOP_WEB_PORT: `${web}` };
  const yaml = readFileSync(join(shop, 'process-compose.yaml'), 'utf8').replaceAll(
    /(exec node )/g,
    `$1${shop}/`,
  );
  await using server = await realServer(yaml, env);
  const named = await server.statesWhen((of) => of('web').isReady === 'ready');
  expect(named('db')).toMatchObject({ isReady: 'ready' });
  expect(named('migrate')).toMatchObject({ status: 'Completed', exitCode: 0 });

  const page = await (await fetch(`http://127.0.0.1:${web}/`)).text();
  expect(page).toContain('Shop, version 1');
  expect(page).toContain('coffee: 7.90');

  const stop = await server.control.stopProject({ timeoutMs: 30_000 });
  expect(stop).toEqual({ ok: true, value: undefined });
  await server.ended;
});
