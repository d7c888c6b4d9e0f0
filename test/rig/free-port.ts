/** Ports that nobody listens on and no other test of this machine was given, below the range of the kernel's own. */
import type { Server } from 'node:net';
import { createServer } from 'node:net';

/** Each is held by a listener in the abstract namespace of unix sockets: the kernel frees it when this process ends. */
const given = new Map<number, Server | null>();

/** It stays this process's own until that ends, also while nobody listens on it: test files run beside one another. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = 15_000 + Math.floor(Math.random() * 16_000);
    if (!given.has(port) && (await claim(port)) && (await isFree(port))) return port;
  }
  throw new Error('no free port after 100 tries');
}

function claim(port: number): Promise<boolean> {
  given.set(port, null);
  // Elsewhere there is no such namespace.
  if (process.platform !== 'linux') return Promise.resolve(true);
  return new Promise((resolve) => {
    const holder = createServer().unref();
    holder.once('error', () => resolve(false));
    holder.listen(`\0upkeep-test-port-${port}`, () => {
      given.set(port, holder);
      resolve(true);
    });
  });
}

export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
