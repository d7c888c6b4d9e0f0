import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { InstanceRecord } from '../../src/processes/ledger.ts';
import type { Member } from '../../src/processes/members.ts';
import { findMembers, findSuspects } from '../../src/processes/members.ts';
import { readRow, readTable } from '../../src/processes/table.ts';
import type { Site } from '../rig/processes.ts';
import { ProcessRig, recordNow, recordOf, uniqueSeconds, until } from '../rig/processes.ts';

const look = (site: Site, records: readonly InstanceRecord[], servers: Member['row'][] = []) =>
  findMembers({ key: site.key, root: site.root, records, servers });

const nobody = { members: [], detached: [], beyond: [], strays: expect.any(Function) };
const pidsOf = (members: readonly Member[]): number[] => members.map(({ row }) => row.pid);
const find = (members: readonly Member[], pid: number): Member | undefined =>
  members.find(({ row }) => row.pid === pid);

/** Command of the service, and the command line under which its last process is found. */
const shapes: Record<string, (token: string) => { line: string; command: string }> = {
  'a plain child': (n) => ({ line: `exec sleep ${n}`, command: `sleep ${n}` }),
  'a child of a shell': (n) => ({ line: `sleep ${n}; true`, command: `sleep ${n}` }),
  'a child of node': (n) => ({
    line: `exec node -e "require('child_process').spawn('sleep',['${n}'],{stdio:'inherit'})"`,
    command: `sleep ${n}`,
  }),
  setsid: (n) => ({ line: `setsid sleep ${n}; true`, command: `sleep ${n}` }),
  'setsid that waits': (n) => ({ line: `setsid --wait sleep ${n}; true`, command: `sleep ${n}` }),
  'a double fork': (n) => ({ line: `(setsid sleep ${n} &) ; exec sleep ${n}1`, command: `sleep ${n}` }),
  'a scrubbed environment': (n) => ({ line: `exec env -i sleep ${n}`, command: `sleep ${n}` }),
  'an overwritten environment': (n) => ({
    line: `exec perl -e '$0="kept ${n}"; sleep 999'`,
    command: `kept ${n}`,
  }),
  'one that ignores TERM': (n) => ({ line: `trap "" TERM; sleep ${n}; true`, command: `sleep ${n}` }),
};

describe.each(Object.entries(shapes))('%s', (_, shape) => {
  it('is a member while the server lives, and after its SIGKILL', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const { line, command } = shape(uniqueSeconds());
    const server = await rig.stack(site, [line]);
    const { pid } = await rig.process(command);
    const record = recordNow(site, server);

    const alive = look(site, [recordOf(site, server)]);
    expect(pidsOf(alive.members)).toContain(pid);
    expect(find(alive.members, server.pid)?.isServer).toBe(true);
    expect(find(alive.members, pid)).toMatchObject({ generation: site.uuid, isServer: false });

    await rig.kill(server);
    const orphaned = look(site, [record]);
    expect(pidsOf(orphaned.members)).toContain(pid);
    expect(pidsOf(orphaned.members)).not.toContain(server.pid);
    expect(orphaned.detached).toEqual([]);
  });
});

describe('a lost state directory', () => {
  it('leaves the children of process-compose provable, by marker and by canary', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const token = uniqueSeconds();
    const server = await rig.stack(site, [`sleep ${token}; true`, `exec env -i sleep ${token}2`]);
    const plain = await rig.process(`sleep ${token}`);
    const scrubbed = await rig.process(`sleep ${token}2`);
    await rig.kill(server);

    const { members } = look(site, []);
    const evidence = expect.arrayContaining(['marker', 'canary', 'group']);
    expect(find(members, plain.pid)).toMatchObject({ evidence, service: 's0' });
    // No marker, but it stayed in the session of the proved one.
    expect(find(members, scrubbed.pid)?.evidence).toEqual(['canary']);
  });

  it('leaves a canary readable after it was unlinked', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const token = uniqueSeconds();
    rig.spawnIn(site, ['env', '-i', 'sleep', token], { detached: true, log: join(site.root, 'log') });
    const { pid } = await rig.process(`sleep ${token}`);
    rmSync(site.stateDir, { recursive: true });

    expect(find(look(site, []).detached, pid)).toMatchObject({ evidence: ['canary'], generation: site.uuid });
  });
});

describe('one that left', () => {
  it('is detached without a tie, even while its parent lives, and is cut off with its children', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const token = uniqueSeconds();
    const browser = `setsid --wait bash -c "sleep ${token}; true" </dev/null >/dev/null 2>&1; true`;
    const server = await rig.stack(site, [browser]);
    const { pid, parent } = await rig.process(`sleep ${token}`);

    const { members, detached } = look(site, [recordOf(site, server)]);
    expect(pidsOf(detached)).toEqual(expect.arrayContaining([pid, parent]));
    expect(pidsOf(members)).not.toContain(pid);
  });

  it('is a member where a task runner of devenv gave it the session, also after a restart', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const token = uniqueSeconds();
    const runner = `exec -a "devenv-tasks run" bash -c "setsid sleep ${token}; true" </dev/null >/dev/null 2>&1`;
    const server = await rig.stack(site, [runner]);
    const { pid, session } = await rig.process(`sleep ${token}`);

    expect(session).toBe(pid);
    const { members, detached } = look(site, [recordOf(site, server)]);
    expect(pidsOf(members)).toContain(pid);
    expect(pidsOf(detached)).not.toContain(pid);
  });

  it('is a member when its script lies in the tree', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const script = join(site.root, 'worker.js');
    writeFileSync(script, 'setInterval(() => {}, 1000)');
    rig.spawnIn(site, ['node', script], { detached: true, log: null });
    const { pid } = await rig.process(`node ${script}`);

    expect(pidsOf(look(site, []).members)).toContain(pid);
  });

  it('is a member when it holds a recorded port', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const code = `require('net').createServer().listen(0,'127.0.0.1',function(){require('fs').writeFileSync('${site.root}/port',''+this.address().port)})`;
    const child = rig.spawnIn(site, ['node', '-e', code], { detached: true, log: null });
    const port = await until(
      'the port',
      () => existsSync(`${site.root}/port`) && Number(readFileSync(`${site.root}/port`, 'utf8')),
    );

    expect(pidsOf(look(site, []).detached)).toContain(child.pid);
    const other = recordOf(site, null, { id: '00000000-0000-4000-8000-000000000000', ports: [port] });
    expect(pidsOf(look(site, [other]).members)).toContain(child.pid);
  });

  it('is detached on a terminal', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const token = uniqueSeconds();
    rig.spawnIn(site, ['script', '-qfc', `sleep ${token}`, '/dev/null'], { detached: true });
    const { pid, terminal } = await rig.process(`sleep ${token}`);

    expect(terminal).not.toBe(0);
    const { members, detached } = look(site, []);
    expect(pidsOf(detached)).toContain(pid);
    expect(pidsOf(members)).not.toContain(pid);
  });
});

describe('a server that was launched and not yet recorded', () => {
  const argv = (token: string) => ['sleep', token] as const;

  it('is a server by the marker and the command line of the plan', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const token = uniqueSeconds();
    rig.spawnIn(site, [...argv(token)], { detached: true, log: null });
    const { pid } = await rig.process(`sleep ${token}`);
    const planned = recordOf(site, null, { argv: argv(token) });

    expect(find(look(site, [planned]).members, pid)).toMatchObject({ isServer: true, generation: site.uuid });
    // Somebody else's plan, or a record that names its server.
    expect(pidsOf(look(site, [{ ...planned, argv: argv(`${token}1`) }]).members)).toEqual([]);
    expect(pidsOf(look(site, [{ ...planned, id: '00000000-0000-4000-8000-000000000000' }]).members)).toEqual(
      [],
    );
  });

  it('is not what merely has its command line, or its marker in a session of its own', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const token = uniqueSeconds();
    rig.spawn([...argv(token)], { detached: true, cwd: site.root });
    rig.spawnIn(site, ['sleep', `${token}1`], { detached: true, log: null });
    const twin = await rig.process(`sleep ${token}`);
    const tmux = await rig.process(`sleep ${token}1`);
    const { members, detached } = look(site, [recordOf(site, null, { argv: argv(token) })]);

    expect(members).toEqual([]);
    expect(pidsOf(detached)).toEqual([tmux.pid]);
    expect(pidsOf(detached)).not.toContain(twin.pid);
  });
});

describe('decoys', () => {
  it('an editor in the tree with devenv variables is nothing; with a service name it is a suspect', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const token = uniqueSeconds();
    rig.spawn(['sleep', token], { cwd: site.root, env: { DEVENV_ROOT: site.root } });
    rig.spawn(['sleep', `${token}2`], { cwd: site.root, env: { PC_PROC_NAME: 'web' } });
    const editor = await rig.process(`sleep ${token}`);
    const suspect = await rig.process(`sleep ${token}2`);

    const query = { key: site.key, root: site.root, records: [], servers: [] };
    expect(findMembers(query)).toEqual(nobody);
    expect(pidsOf(findSuspects(query))).toContain(suspect.pid);
    expect(pidsOf(findSuspects(query))).not.toContain(editor.pid);
  });

  it("the same command in another project is that project's", async () => {
    await using rig = new ProcessRig();
    const [site, other] = [rig.site(), rig.site()];
    const token = uniqueSeconds();
    const ours = await rig.stack(site, [`exec sleep ${token}`]);
    const first = await rig.process(`sleep ${token}`);
    const theirs = await rig.stack(other, [`exec sleep ${token}`]);
    await until('both', () => readTable().filter(({ command }) => command === `sleep ${token}`).length === 2);

    const { members } = look(site, [recordOf(site, ours), recordOf(other, theirs)]);
    expect(new Set(pidsOf(members))).toEqual(new Set([ours.pid, first.pid]));
  });

  it('a project started inside a service of ours keeps its processes: its marker beats tree and canary', async () => {
    await using rig = new ProcessRig();
    const [site, nested] = [rig.site(), rig.site()];
    const token = uniqueSeconds();
    const marker = nested.env['UPKEEP_INSTANCE'];
    const inner = `UPKEEP_INSTANCE=${marker} bash -c "env -i sleep ${token}; true"; true`;
    const server = await rig.stack(site, [inner]);
    const { pid, parent } = await rig.process(`sleep ${token}`);

    const { members, detached } = look(site, [recordOf(site, server)]);
    expect(pidsOf([...members, ...detached])).not.toContain(parent);
    // Without a marker of its own it still holds our canary, in our session.
    expect(find(members, pid)?.evidence).toEqual(['canary', 'group']);
  });

  it('a recorded pid with another start time is somebody else', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const row = readRow((await rig.id(rig.spawn(['sleep', uniqueSeconds()], { detached: true }).pid)).pid);
    if (!row) throw new Error('gone');
    const member = {
      pid: row.pid,
      startTime: row.startTime,
      service: 'web',
      group: row.group,
      session: row.session,
    };
    const forged = { ...member, startTime: String(Number(row.startTime) + 1) };

    expect(pidsOf(look(site, [recordOf(site, null, { members: [member] })]).members)).toEqual([row.pid]);
    expect(look(site, [recordOf(site, null, { members: [forged] })])).toEqual(nobody);
    expect(look(site, [recordOf(site, forged)])).toEqual(nobody);
    const before = recordOf(site, row, { members: [member], bootId: 'before' });
    expect(look(site, [before])).toEqual(nobody);
  });

  it('another uid is never a member, recorded or not', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    // Root makes one; everybody else is surrounded by them.
    const dropped = ['setpriv', '--reuid', '65534', '--clear-groups', 'sleep', uniqueSeconds()] as const;
    const child = process.getuid?.() === 0 ? rig.spawnIn(site, [...dropped]) : null;
    const stranger = await until('a process of another uid', () =>
      readTable().find(({ uid, pid }) => uid !== process.getuid?.() && (!child || pid === child.pid)),
    );
    const member = { ...stranger, service: 'web' };

    expect(look(site, [recordOf(site, stranger, { members: [member] })], [stranger])).toMatchObject({
      members: [],
      detached: [],
      beyond: [{ row: { pid: stranger.pid }, beyond: true, evidence: ['record', `uid ${stranger.uid}`] }],
    });
  });
});

describe('the caller', () => {
  it('its ancestors and what it spawns are never members by descent', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const self = readRow(process.pid);
    if (!self) throw new Error('no row of our own');
    const child = rig.spawn(['sleep', uniqueSeconds()]);

    // Our parent as the server of the stack: as if the test ran inside a service.
    const parent = readRow(self.parent);
    if (!parent) throw new Error('no parent');
    const { members, detached } = look(site, [], [parent]);
    const found = pidsOf([...members, ...detached]);
    for (const pid of [process.pid, parent.pid, child.pid]) expect(found).not.toContain(pid);
  });
});

describe("somebody else's stack", () => {
  it('is found by its server alone, wrapper and job partner spared', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const token = uniqueSeconds();
    const server = await rig.id(
      rig.spawn(['bash', '-c', `set -m; sleep ${token} & wait`, 'external'], {
        detached: true,
        cwd: site.root,
      }).pid,
    );
    const service = await rig.process(`sleep ${token}`);
    const row = readRow(server.pid);
    if (!row) throw new Error('gone');

    const { members } = look(site, [], [row]);
    // In no order: of two that were born in one tick the parent may have the higher pid, where the pids began anew.
    expect(
      new Map(
        members.map(({ row: each, evidence, generation, isServer }) => [
          each.pid,
          [evidence, generation, isServer],
        ]),
      ),
    ).toEqual(
      new Map([
        [server.pid, [['tree'], null, true]],
        [service.pid, [['tree'], null, false]],
      ]),
    );
  });

  it('is found although it was started from inside another project, whose marker it has', async () => {
    await using rig = new ProcessRig();
    const [site, outer] = [rig.site(), rig.site()];
    const token = uniqueSeconds();
    const line = `sleep ${token}; true`;
    const server = await rig.id(
      rig.spawn(['bash', '-c', `set -m; bash -c '${line}' & wait`, 'external'], {
        detached: true,
        env: outer.env,
      }).pid,
    );
    const service = await rig.process(`sleep ${token}`);
    const row = readRow(server.pid);
    if (!row) throw new Error('gone');

    expect(pidsOf(look(site, [], [row]).members)).toEqual(expect.arrayContaining([server.pid, service.pid]));
    expect(pidsOf(look(outer, [recordOf(outer, null)]).members)).toEqual([]);
  });

  it('leaves orphans that its record finds', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const token = uniqueSeconds();
    const server = await rig.id(
      rig.spawn(['bash', '-c', `set -m; bash -c 'sleep ${token}; true' & wait`, 'external'], {
        detached: true,
      }).pid,
    );
    const service = await rig.process(`sleep ${token}`);
    const record = recordNow(site, server, { owner: 'external', canary: null });
    await rig.kill(server);

    const member = find(look(site, [record]).members, service.pid);
    expect(member).toMatchObject({ evidence: ['tree', 'record', 'group'], generation: site.uuid });
  });
});

describe('zombies', () => {
  it('are dead', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    // perl does not reap what it does not wait for
    const server = await rig.stack(site, [
      `exec perl -e 'my $p=fork; exit 0 unless $p; open F,">${site.root}/z"; print F $p; close F; sleep 999'`,
    ]);
    const zombie = await until('the zombie', () => {
      const pid = existsSync(`${site.root}/z`) && Number(readFileSync(`${site.root}/z`, 'utf8'));
      return pid && readRow(pid)?.state === 'Z' && pid;
    });

    expect(pidsOf(look(site, [recordOf(site, server)]).members)).not.toContain(zombie);
  });
});
