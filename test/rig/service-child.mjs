/**
 * A service under the control of a test: `node service-child.mjs NAME SOCKET [flags]`. It tells the test's end of SOCKET
 * that it was born, does nothing that anybody could see before the test has heard that, tells that it started, obeys what
 * comes back, one JSON object a line, and ends when the test does.
 *   --listen PORT    HTTP there, before it has started; a taken port ends it with 1
 *   --ignore-term    TERM changes nothing        --hold-term    TERM is told to the test, which decides
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const [name, socket, ...flags] = process.argv.slice(2);
const flag = (wanted) => flags.includes(wanted);
let status = 200;
let held = flag('--hold-term');
let termed = false;

function listen(port) {
  const server = createServer((_, response) => {
    response.statusCode = status;
    response.end(`${name} ${process.pid}\n`);
  });
  server.on('error', (error) => {
    console.error(`${name}: ${error.message}`);
    process.exit(1);
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
}

const rig = connect(socket);
const tell = (message) => rig.write(`${JSON.stringify(message)}\n`);
// Nothing of a test outlives it, whatever it was told to ignore.
rig.on('close', () => process.exit(0));
rig.on('error', () => process.exit(0));

process.on('SIGTERM', () => {
  tell({ event: 'term' });
  termed = true;
  if (!flag('--ignore-term') && !held) process.exit(0);
});

const orders = {
  listen: ({ port }) => listen(port),
  answer: (order) => void (status = order.status),
  print: ({ text }) => new Promise((resolve) => process.stdout.write(`${text}\n`, resolve)),
  /** A line every 100 ms, as a compiler would. */
  chatter: () => void setInterval(() => console.log(`compiling, ${process.uptime()} s`), 100),
  'let-go': () => {
    held = false;
    if (termed) process.exit(0);
  },
  exit: ({ code }) => process.exit(code),
  /** Another one of these: in this group or in a session of its own, with or without this environment and these pipes. */
  spawn: (order) =>
    spawn(process.execPath, [process.argv[1], order.name, socket, ...order.flags], {
      detached: order.session ?? false,
      stdio: order.pipes === false ? 'ignore' : 'inherit',
      ...(order.clean ? { env: {} } : {}),
      ...(order.cwd ? { cwd: order.cwd } : {}),
    }).unref(),
};

const heard = new Promise((resolve) => (orders.heard = resolve));
createInterface({ input: rig }).on('line', (line) => void obey(JSON.parse(line)));
tell({ event: 'born', name, pid: process.pid, cwd: process.cwd(), env: process.env });
await heard;
const at = flags.indexOf('--listen');
if (at >= 0) await listen(Number(flags[at + 1]));
tell({ event: 'start' });

async function obey(order) {
  await orders[order.do](order);
  tell({ event: 'done', id: order.id });
}
