/** `npm start`: the example in the foreground with the watcher, to play with; Ctrl-C stops it all. */
import { Stage } from './demo/stage.ts';

const stage = await Stage.create();
await stage.setUp();
const started = await stage.upkeep('start', '-d');
process.stdout.write(started.stdout + started.stderr);
console.log(`
The shop:   http://127.0.0.1:${stage.webPort}/
Its files:  ${stage.root}   (edit src/web.mjs or process-compose.yaml there and look here)
Ctrl-C stops everything and removes the copy.
`);
await stage.watchHere();
await stage.end();
