/** `processes attach`: the log lines on this terminal; Ctrl-C or q leaves, the stack stays. */
import { connect } from 'node:net';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import { print } from '../say.ts';
import { refused } from './up.ts';

interface Event {
  readonly event: string;
  readonly name?: string;
  readonly line?: string;
  readonly info?: { readonly name: string; readonly phase: string };
}

/** Ends with the manager's connection, or by the keys. */
export async function attach(directory: string): Promise<void> {
  const socket = connect(join(directory, 'native.sock'));
  if (isatty(0)) {
    process.stdin.setRawMode(true);
    process.stdin.on('data', (keys) => {
      if (['q', '\u0003'].some((key) => keys.toString().includes(key))) process.exit(0);
    });
  }
  await new Promise<void>((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write('{"command":"attach"}\n'));
    socket.on('error', reject);
    socket.on('close', () => resolve());
    socket.on('data', (more: string) => {
      text += more;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) show(JSON.parse(line));
    });
  }).catch(refused);
  process.exit(0);
}

function show(event: Event): void {
  if (event.event === 'log') print(`${event.name} | ${event.line}\r\n`);
  if (event.event === 'status') print(`${event.info?.name}: ${event.info?.phase}\r\n`);
}
