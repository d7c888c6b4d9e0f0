import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { SentSignal } from '../../src/processes/ladder.ts';
import { killLogPath, logKill } from '../../src/processes/kill-log.ts';
import { ProcessRig } from '../rig/processes.ts';

const kill: SentSignal = {
  pid: 4711,
  startTime: '99',
  command: 'node web.mjs',
  service: 'web',
  evidence: ['marker', 'tree'],
  signal: 'SIGKILL',
  outcome: 'sent',
};

it('writes one line for a KILL, readable by the owner alone, and none for what was only asked', async () => {
  await using rig = new ProcessRig();
  const stateDir = join(rig.directory(), 'state');
  logKill(stateDir, { ...kill, signal: 'SIGTERM' });
  expect(existsSync(killLogPath(stateDir))).toBe(false);
  logKill(stateDir, kill);
  logKill(stateDir, { ...kill, outcome: 'refused' });
  const lines = readFileSync(killLogPath(stateDir), 'utf8').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([kill, { ...kill, outcome: 'refused' }]);
  expect(Date.parse(JSON.parse(lines[0] ?? '').t)).toBeLessThanOrEqual(Date.now());
  expect(statSync(killLogPath(stateDir)).mode & 0o777).toBe(0o600);
});

it('keeps the younger half when it has grown large, and stops no stop when it cannot be written', async () => {
  await using rig = new ProcessRig();
  const stateDir = rig.directory();
  const line = (at: number): string => `${JSON.stringify({ ...kill, pid: at })}\n`;
  writeFileSync(killLogPath(stateDir), Array.from({ length: 3_000 }, (_, at) => line(at)).join(''));
  logKill(stateDir, kill);
  const lines = readFileSync(killLogPath(stateDir), 'utf8').trim().split('\n');
  expect(lines.length).toBeLessThan(1_600);
  expect(JSON.parse(lines.at(-2) ?? '')).toMatchObject({ pid: 2_999 });
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ pid: 4711 });

  rmSync(stateDir, { recursive: true });
  writeFileSync(stateDir, 'a file where the directory was');
  expect(() => logKill(stateDir, kill)).not.toThrow();
});
