/**
 * Exits with 0 as soon as the database takes connections, with 1 when it did not for 8 seconds. A plain connect: the server
 * listens only once it can answer. It waits in here, for process-compose asks once a second at most: a database that is ready
 * just after it was asked would look ready a second late.
 */
import { connect } from 'node:net';
import { database } from './settings.mjs';

const againMs = 25;
setTimeout(() => process.exit(1), 8_000);

function ask() {
  connect(database)
    .once('connect', () => process.exit(0))
    .once('error', () => setTimeout(ask, againMs));
}
ask();
