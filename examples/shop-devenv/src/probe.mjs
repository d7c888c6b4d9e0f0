/** Exits with 0 if the database takes connections. A plain connect: the server listens only once it can answer. */
import { connect } from 'node:net';
import { database } from './settings.mjs';

connect(database)
  .once('connect', () => process.exit(0))
  .once('error', () => process.exit(1));
