/** PostgreSQL in one process, compiled to WebAssembly: nothing to install. The data lives in memory, so each start is new. */
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { endGracefully } from './graceful.mjs';
import { dbPort } from './settings.mjs';

const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: dbPort, maxConnections: 20 });
await server.start();
console.log(`db: listening on 127.0.0.1:${dbPort}`);
endGracefully(() => server.stop());
