import { describe, expect, it } from 'vitest';
import { acceptsBy } from '../../src/processes/acceptors.ts';
import { parseTcpRows } from '../../src/processes/tcp-rows.ts';

describe('acceptsBy', () => {
  const signs = { epoll: false, uring: false, waits: ['hrtimer_nanosleep'] };

  it('believes an epoll that watches the socket, and a thread in accept', () => {
    expect(acceptsBy({ ...signs, epoll: true })).toBe(true);
    expect(acceptsBy({ ...signs, waits: ['futex_do_wait', 'inet_csk_accept'] })).toBe(true);
  });

  it('knows that sleeping, waiting for a child or for another epoll is not accepting', () => {
    expect(acceptsBy(signs)).toBe(false);
    expect(acceptsBy({ ...signs, waits: ['do_wait', 'do_epoll_wait', 'futex_do_wait'] })).toBe(false);
  });

  it.each([['0'], [''], ['poll_schedule_timeout.constprop.0'], ['do_select'], ['do_sys_poll']])(
    'cannot tell of a thread in %j',
    (wait) => {
      expect(acceptsBy({ ...signs, waits: [wait] })).toBeNull();
    },
  );

  it('cannot tell of io_uring, or where it may not look', () => {
    expect(acceptsBy({ ...signs, uring: true })).toBeNull();
    expect(acceptsBy({ ...signs, waits: [] })).toBeNull();
  });
});

describe('parseTcpRows', () => {
  const row = (local: string, remote: string, state: string, inode = '4711', queue = '00000000') =>
    `   0: ${local} ${remote} ${state} 00000000:${queue} 00:00000000 00000000  1000        0 ${inode} 1 0000000000000000 100 0 0 10 0`;

  it('tells listeners, connections and TIME_WAIT of the asked ports apart', () => {
    const lines = [
      row('0100007F:0BB8', '00000000:0000', '0A', '1', '00000002'),
      row('0100007F:0BB8', '0200007F:D35C', '01', '2'),
      row('00000000000000000000000001000000:0BB8', '00000000000000000000000001000000:01BB', '06', '0'),
      row('0100007F:D35C', '0100007F:0BB8', '01', '3'),
      '',
    ];
    expect(parseTcpRows(lines, [3000])).toEqual([
      { host: '127.0.0.1', port: 3000, peer: null, state: 'listen', uid: 1000, inode: '1', queue: 2 },
      {
        host: '127.0.0.1',
        port: 3000,
        peer: '127.0.0.2:54108',
        state: 'connected',
        uid: 1000,
        inode: '2',
        queue: 0,
      },
      { host: '::1', port: 3000, peer: '[::1]:443', state: 'time-wait', uid: 1000, inode: '0', queue: 0 },
    ]);
  });
});
