import { describe, expect, it } from 'vitest';
import { attachCommand, serverCommand } from '../../../src/supervisor/process-compose/command.ts';
import { readServerArguments } from '../../../src/supervisor/process-compose/server-arguments.ts';

const read = (line: string) => readServerArguments(line.split(' '), '/project');

describe('the command line of a server', () => {
  it.each([
    ['process-compose up', []],
    ['process-compose -f a.yaml -f sub/b.yaml up', ['/project/a.yaml', '/project/sub/b.yaml']],
    ['process-compose --config=a.yaml', ['/project/a.yaml']],
    ['process-compose up -f /abs.yaml', ['/abs.yaml']],
    ['process-compose -fa.yaml up', ['/project/a.yaml']],
    ['process-compose --config a.yaml,b.yaml', ['/project/a.yaml', '/project/b.yaml']],
  ])('%s names the files %j', (line, files) => {
    expect(read(line).files).toEqual(files);
  });

  it.each([
    ['process-compose -u s.sock up', { socket: '/project/s.sock', port: null }],
    ['process-compose --unix-socket=/s.sock -t=false up', { socket: '/s.sock', port: null }],
    ['process-compose -p 9000 --address 0.0.0.0 up', { socket: null, port: 9000, address: '0.0.0.0' }],
  ])('%s says where it listens', (line, where) => {
    expect(read(line)).toMatchObject(where);
  });

  it('keeps names, namespaces and the flags that shape the project, and drops the TUI and the log', () => {
    const line =
      'process-compose -n api -n web --keep-project -t=true -L /tmp/log --disable-dotenv -e my.env --ordered-shutdown up web db';
    expect(read(line)).toMatchObject({
      namespaces: ['api', 'web'],
      names: ['web', 'db'],
      kept: ['--disable-dotenv', '-e', '/project/my.env', '--ordered-shutdown'],
    });
  });

  it('does not take a flag that was switched off', () => {
    expect(read('process-compose --ordered-shutdown=false up').kept).toEqual([]);
  });

  it('comes back headless with the same names and flags', () => {
    const command = serverCommand({
      binary: '/bin/pc',
      files: ['/project/a.yaml'],
      endpoint: { kind: 'tcp', host: '127.0.0.1', port: 9000 },
      logFile: '/state/log',
      like: read('process-compose -n api --disable-dotenv up web'),
    });
    expect(command.join(' ')).toBe(
      '/bin/pc -f /project/a.yaml -p 9000 --address 127.0.0.1 -t=false --keep-project -L /state/log -n api --disable-dotenv up web',
    );
  });

  // `host:port` is how it is put together there, and what is not ours to know is left as it was.
  it.each([
    ['up', '::', '-p 9000 -t'],
    ['up', '::1', '-p 9000 --address [::1] -t'],
    ['--address 0.0.0.0 up', '::', '-p 9000 --address [::] -t'],
  ])('%s that listens on %s comes back there', (words, host, flags) => {
    const endpoint = { kind: 'tcp', host, port: 9000 } as const;
    const like = read(`process-compose -p 9000 ${words}`);
    const command = serverCommand({ binary: 'pc', files: ['/a'], endpoint, logFile: '/log', like });
    expect(command.join(' ')).toContain(flags);
  });

  it('is attached to on this machine, wherever it listens', () => {
    const endpoint = { kind: 'tcp', host: '::', port: 9000 } as const;
    expect(attachCommand({ binary: 'pc', endpoint, logFile: '/log' }).join(' ')).toBe(
      'pc -p 9000 --address 127.0.0.1 -L /log attach',
    );
  });
});
