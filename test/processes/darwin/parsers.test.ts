// No line here was recorded on a Mac: the texts are written after ps(1) and lsof(8), "OUTPUT FOR OTHER PROGRAMS".
import { describe, expect, it } from 'vitest';
import { parseLsof, placesOf, tcpListenersOf, unixListenersOf } from '../../../src/processes/darwin/lsof.ts';
import { parseTable } from '../../../src/processes/darwin/ps.ts';
import { parseVariables } from '../../../src/processes/darwin/variables.ts';

const started = 'Mon Nov 23 16:54:13 2026';

describe('the rows of ps', () => {
  it('have the start in seconds since the epoch, the terminal, and the command with its spaces', () => {
    const text = [
      `    1     0     1     0 Ss   Sun Nov  1 06:00:00 2026     ??       /sbin/launchd`,
      `  812     1   812   501 Ss+  ${started}     ttys001  -zsh`,
      `  900   812   900   501 S+   ${started}     ttys001  /Applications/A B.app/run --name  two  spaces`,
    ].join('\n');
    const [, shell, program] = parseTable(`${text}\n`);
    expect(shell).toMatchObject({ pid: 812, session: 812, uid: 501, state: 'S', terminal: 1 });
    expect(program).toEqual({
      pid: 900,
      parent: 812,
      group: 900,
      session: 812,
      uid: 501,
      state: 'S',
      startTime: String(Date.UTC(2026, 10, 23, 16, 54, 13) / 1000),
      terminal: 1,
      command: '/Applications/A B.app/run --name  two  spaces',
    });
    expect(parseTable(text)[0]).toMatchObject({ pid: 1, terminal: 0, startTime: '1793512800' });
  });

  it('tell zombies, uninterruptible sleep and processes of other users', () => {
    const rows = parseTable(
      [
        `  50  40  50  501 Z    ${started} ??  (node)`,
        `  51  40  51  501 UNs  ${started} ??  dd`,
        `  52   1  52   88 Ss   ${started} ??  /usr/libexec/windowserver -daemon`,
        `  53   1  53  501 R    ${started} -`,
      ].join('\n'),
    );
    expect(rows.map(({ state, uid, command }) => [state, uid, command])).toEqual([
      ['Z', 501, '(node)'],
      ['D', 501, 'dd'],
      ['S', 88, '/usr/libexec/windowserver -daemon'],
      ['R', 501, ''],
    ]);
  });

  it('keep a newline in the command, and believe no pid that comes twice', () => {
    const rows = parseTable(
      [
        `  60   1  60  501 Ss   ${started} ??  sh -c first`,
        'second line',
        `  61  60  61  502 S    ${started} ??  sh -c liar`,
        `  62  60  62  501 S    ${started} ??  forged`,
        `  62  60  62  501 S    ${started} ??  true one`,
      ].join('\n'),
    );
    expect(rows.map(({ pid }) => pid)).toEqual([60, 61]);
    expect(rows[0]?.command).toBe('sh -c first\nsecond line');
  });

  it('take the session from who leads it; an orphan whose group tells nothing is alone', () => {
    const sessions = parseTable(
      [
        `  70   1  70  501 Ss   ${started} ??  process-compose`,
        `  71  70  71  501 S    ${started} ??  service`,
        `  72  71  71  501 S    ${started} ??  its child`,
        `  73  71  73  501 Ss   ${started} ??  a daemon`,
        `  74   1  74  501 S    ${started} ??  an orphan`,
        `  75   1  74  501 S    ${started} ??  in the group of the orphan`,
        `  76   1  99  501 S    ${started} ??  in a group without a leader`,
        `  77  79  77  501 S    ${started} ??  child of a number that came round`,
        `  79   1  79  501 Ss   Mon Nov 23 16:54:14 2026 ??  younger`,
      ].join('\n'),
    ).map(({ pid, session }) => [pid, session]);
    expect(sessions).toEqual([
      [70, 70],
      [71, 70],
      [72, 70],
      [73, 73],
      [74, 74],
      [75, 74],
      [76, 76],
      [77, 77],
      [79, 79],
    ]);
  });
});

describe('the variables of ps -E', () => {
  const marker = '0123456789abcdef.11111111-2222-3333-4444-555555555555';

  it('are those after the command line, up to the next name', () => {
    const text = `node a.js UPKEEP_INSTANCE=${marker} PC_PROC_NAME=two words HOME=/Users/a PC_REPLICA_NUM=0`;
    expect(parseVariables(text, 'node a.js')).toEqual({
      UPKEEP_INSTANCE: marker,
      PC_PROC_NAME: 'two words',
      PC_REPLICA_NUM: '0',
    });
  });

  it('are never taken from the arguments', () => {
    const command = `grep UPKEEP_INSTANCE=${marker}`;
    expect(parseVariables(`${command} HOME=/Users/a`, command)).toEqual({});
    expect(parseVariables(`other HOME=/Users/a`, command)).toBeNull();
  });

  it('prove nothing when there are two of a name', () => {
    const text = `sh PC_PROC_NAME=a LAST=env PC_PROC_NAME=b UPKEEP_INSTANCE=x LAST=env UPKEEP_INSTANCE=${marker}`;
    expect(parseVariables(text, 'sh')).toEqual({
      UPKEEP_INSTANCE: '0000000000000000.00000000-0000-0000-0000-000000000000',
    });
  });
});

describe('the fields of lsof', () => {
  it('give listeners on IPv4, IPv6 and every address, with the socket that several may hold', () => {
    const text = [
      'p80\nu501\nf20\nd0xaa\nn127.0.0.1:8080\nf21\nd0xbb\nn[::1]:8080',
      'p81\nu501\nf20\nd0xaa\nn127.0.0.1:8080\nf3\nd0xcc\nn*:9090\n',
    ].join('\n');
    const files = parseLsof(text);
    expect(files.map(({ pid, device }) => [pid, device])).toEqual([
      [80, '0xaa'],
      [80, '0xbb'],
      [81, '0xaa'],
      [81, '0xcc'],
    ]);
    expect(tcpListenersOf(files).map(({ host, port, inode, uid }) => [host, port, inode, uid])).toEqual([
      ['127.0.0.1', 8080, '0xaa', 501],
      ['::1', 8080, '0xbb', 501],
      ['127.0.0.1', 8080, '0xaa', 501],
      ['0.0.0.0', 9090, '0xcc', 501],
      ['::', 9090, '0xcc', 501],
    ]);
  });

  it('give sockets that are bound to a path, and no connected ones', () => {
    const files = parseLsof('p80\nu501\nf5\nd0xaa\nn/tmp/a b.sock\nf6\nd0xbb\nn->0xcc\nf7\nd0xdd\nn\n');
    expect(unixListenersOf(files)).toEqual([{ path: '/tmp/a b.sock', inode: '0xaa' }]);
  });

  it('give the directory and the first program text; what may not be read is null', () => {
    const text =
      'p80\nfcwd\nn/Users/a/my tree\nftxt\nn/opt/node\nftxt\nn/usr/lib/dyld\np81\nfcwd\nn/proc/81/cwd (readlink: Permission denied)\n';
    expect([...placesOf(parseLsof(text))]).toEqual([
      [80, { cwd: '/Users/a/my tree', exe: '/opt/node' }],
      [81, { cwd: null, exe: null }],
    ]);
  });
});
