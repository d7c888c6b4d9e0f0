import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCanary, listRecords, removeInstance, writeInstance } from '../../src/processes/ledger.ts';
import { ProcessRig, recordOf } from '../rig/processes.ts';

const member = { pid: 12, startTime: '34', service: 'web', group: 12, session: 10 };

describe('the ledger', () => {
  it('gives back what was written, oldest first', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const newer = recordOf(
      site,
      { pid: 5, startTime: '6' },
      { members: [member], ports: [3000], startedAt: '2026-02' },
    );
    const older = recordOf(site, null, { id: '00000000-0000-4000-8000-000000000000', startedAt: '2026-01' });
    for (const record of [newer, older])
      expect(writeInstance(site.stateDir, record)).toEqual({ ok: true, value: undefined });

    expect(listRecords(site.stateDir)).toEqual({ records: [older, newer], problems: [] });
    expect(statSync(join(site.stateDir, 'instances', `${newer.id}.json`)).mode & 0o777).toBe(0o600);
  });

  it('is empty where there is no state', () => {
    expect(listRecords('/nonexistent')).toEqual({ records: [], problems: [] });
  });

  it('removes record and canary, twice without complaint', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    writeInstance(site.stateDir, recordOf(site, null));
    for (const _ of [1, 2]) removeInstance(site.stateDir, site.uuid);
    expect(readdirSync(join(site.stateDir, 'instances'))).toEqual([]);
  });

  it.each<[string, string, (good: Record<string, unknown>) => string]>([
    ['cut off', 'corrupt', (good) => JSON.stringify(good).slice(0, -9)],
    ['empty', 'empty', () => ''],
    ['null', 'corrupt', () => 'null'],
    ['newer', 'newer', (good) => JSON.stringify({ ...good, schema: 2 })],
    ['of another boot', 'foreign-boot', (good) => JSON.stringify({ ...good, bootId: 'x' })],
    ['with pid 1', 'corrupt', (good) => JSON.stringify({ ...good, server: { pid: 1, startTime: '1' } })],
    ['with pid -1', 'corrupt', (good) => JSON.stringify({ ...good, members: [{ ...member, pid: -1 }] })],
    [
      'with a start time that is no number',
      'corrupt',
      (good) => JSON.stringify({ ...good, members: [{ ...member, startTime: '' }] }),
    ],
    ['without members', 'corrupt', (good) => JSON.stringify({ ...good, members: undefined })],
    [
      'under another name',
      'corrupt',
      (good) => JSON.stringify({ ...good, id: '00000000-0000-4000-8000-000000000000' }),
    ],
  ])('a record %s is a problem (%s), left as it is', async (_, problem, spoil) => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const path = join(site.stateDir, 'instances', `${site.uuid}.json`);
    writeFileSync(path, spoil({ ...recordOf(site, null) }));

    expect(listRecords(site.stateDir)).toEqual({
      records: [],
      problems: [{ reason: 'record-invalid', path, problem, detail: expect.any(String) }],
    });
    expect(readdirSync(join(site.stateDir, 'instances'))).toContain(`${site.uuid}.json`);
  });

  it('keeps the canary of an instance when it is asked for again', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    expect(createCanary(site.stateDir, site.uuid)).toEqual({ ok: true, value: site.canary });
  });

  it('says where it cannot write', async () => {
    await using rig = new ProcessRig();
    const file = join(rig.directory(), 'file');
    writeFileSync(file, '');
    expect(createCanary(file, 'x')).toMatchObject({ ok: false, failure: { reason: 'state-unwritable' } });
  });
});
