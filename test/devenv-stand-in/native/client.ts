/** One request to the native manager's socket, one line back. */
import { connect } from 'node:net';
import { join } from 'node:path';

export type Answer = Readonly<Record<string, unknown>>;

/** `directory`: the manager's. Rejects with the errno where nobody listens. */
export function ask(directory: string, request: Answer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(join(directory, 'native.sock'));
    let text = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('data', (more: string) => {
      text += more;
      if (!text.includes('\n')) return;
      socket.destroy();
      resolve(JSON.parse(text.split('\n')[0] ?? ''));
    });
    socket.on('error', reject);
    socket.on('end', () => reject(new Error('the manager closed the connection')));
  });
}
