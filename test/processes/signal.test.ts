import { describe, expect, it } from 'vitest';
import { signalProcess } from '../../src/processes/signal.ts';
import { isAlive, readRow, readTable } from '../../src/processes/table.ts';
import { ProcessRig, uniqueSeconds, until } from '../rig/processes.ts';

describe('signalProcess', () => {
  it('sends to the process that pid and start time name', async () => {
    await using rig = new ProcessRig();
    const id = await rig.id(rig.spawn(['sleep', uniqueSeconds()]).pid);
    expect(signalProcess(id, 'SIGTERM')).toBe('sent');
    await until('its end', () => !isAlive(id));
    expect(signalProcess(id, 'SIGTERM')).toBe('gone');
  });

  it('does nothing to a process that got the pid later', async () => {
    await using rig = new ProcessRig();
    const id = await rig.id(rig.spawn(['sleep', uniqueSeconds()]).pid);
    const forged = { pid: id.pid, startTime: String(Number(id.startTime) + 1) };
    expect(signalProcess(forged, 'SIGKILL')).toBe('gone');
    expect(isAlive(id)).toBe(true);
  });

  it.each([0, -0, 1, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses pid %s', (pid) => {
    expect(signalProcess({ pid, startTime: '1' }, 'SIGCONT')).toBe('refused');
  });

  it('refuses a pid that came as text, and a start time that is none', () => {
    expect(signalProcess({ pid: JSON.parse('""'), startTime: '1' }, 'SIGCONT')).toBe('refused');
    expect(signalProcess({ pid: 2 ** 21, startTime: '' }, 'SIGCONT')).toBe('refused');
  });

  it('refuses ourselves and our ancestors', () => {
    for (let row = readRow(process.pid); row; row = readRow(row.parent)) {
      expect(signalProcess(row, 'SIGCONT')).toBe('refused');
    }
  });

  it('refuses another uid', async () => {
    await using rig = new ProcessRig();
    const dropped = ['setpriv', '--reuid', '65534', '--clear-groups', 'sleep', uniqueSeconds()] as const;
    const child = process.getuid?.() === 0 ? rig.spawn([...dropped]) : null;
    const stranger = await until('a process of another uid', () =>
      readTable().find(
        ({ uid, pid }) => uid !== process.getuid?.() && pid > 1 && (!child || pid === child.pid),
      ),
    );
    expect(signalProcess(stranger, 'SIGCONT')).toBe('refused');
  });
});
