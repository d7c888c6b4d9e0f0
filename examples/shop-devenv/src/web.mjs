/** The shop: its products at /, its health at /health. */
import { createServer } from 'node:http';
import { Pool } from 'pg';
import { endGracefully } from './graceful.mjs';
import { database, webPort } from './settings.mjs';

/** Change this while `upkeep watch` runs, and load the page again. */
const VERSION = '1';

const pool = new Pool({ ...database, max: 4 });
pool.on('error', (error) => console.error(`web: lost the database: ${error.message}`));

const server = createServer((request, response) => void respond(request.url, response));

async function respond(url, response) {
  const answer = (status, type, body) => response.writeHead(status, { 'content-type': type }).end(body);
  try {
    const { rows } = await pool.query('select name, cents from product order by name');
    if (url === '/health') return answer(200, 'application/json', JSON.stringify({ version: VERSION }));
    const items = rows.map(({ name, cents }) => `<li>${name}: ${(cents / 100).toFixed(2)}</li>`).join('');
    return answer(200, 'text/html; charset=utf-8', `<h1>Shop, version ${VERSION}</h1><ul>${items}</ul>\n`);
  } catch (error) {
    return answer(503, 'text/plain', `${error.message}\n`);
  }
}

server.listen(webPort, '127.0.0.1', () =>
  console.log(`web: version ${VERSION} on http://127.0.0.1:${webPort}`),
);
endGracefully(async () => {
  server.close();
  server.closeAllConnections();
  await pool.end();
});
