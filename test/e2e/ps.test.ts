import { expect, test } from 'vitest';
import type { OtherProject, ProcessReport } from '../../src/core/process-report.ts';
import { signalProcess } from '../../src/processes/signal.ts';
import { Decoys } from '../rig/decoys.ts';
import { headless } from '../rig/external.ts';
import { freePort } from '../rig/free-port.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

interface Document {
  readonly root: string | null;
  readonly instance: { readonly id: string | null; readonly owner: string } | null;
  readonly processes: readonly ProcessReport[];
  readonly others?: readonly OtherProject[];
}

const ps = async (project: TestProject, ...more: readonly string[]): Promise<Document> =>
  (await project.run(['ps', '--json', ...more])).json() as Document;

async function started(): Promise<TestProject> {
  const project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  return project;
}

test('lists the supervisor and every service process with the evidence that it is ours', async () => {
  await using project = await started();
  const web = await project.services.next('web');
  await web.spawn({ name: 'child', session: true, clean: true });
  const child = await project.services.next('child');
  const [server] = project.servers;
  const { processes, instance, root } = await ps(project);
  expect(root).toBe(project.root);
  expect(instance).toMatchObject({ id: expect.any(String), owner: 'upkeep', pid: server?.pid });
  const found = (pid: number | undefined) => processes.find((one) => one.pid === pid);
  expect(found(server?.pid)).toMatchObject({ class: 'ours', server: true, leftover: false });
  expect(found(web.pid)).toMatchObject({
    class: 'ours',
    service: 'web',
    leftover: false,
    startTime: web.startTime,
    since: expect.stringMatching(/^\d{4}-/),
    generation: instance?.id,
    evidence: expect.arrayContaining(['tree', 'marker', 'canary']),
  });
  // Its environment is empty; the descriptor is not.
  expect(found(child.pid)).toMatchObject({
    class: 'ours',
    service: 'web',
    evidence: expect.arrayContaining(['canary']),
  });
  child.signal('SIGKILL'); // it would hold up the stop for its grace
  const said = await project.run(['ps']);
  expect(said.stdout).toMatch(new RegExp(`^${web.pid} .* web +ours +tree,marker,canary`, 'm'));
  expect(said.code).toBe(0);
});

test('lists what left the stack and what only looks like it apart, and nothing foreign', async () => {
  await using project = await started();
  const web = await project.services.next('web');
  await web.spawn({ name: 'browser', session: true, pipes: false, cwd: '/usr' });
  const browser = await project.services.next('browser');
  await using decoys = await Decoys.around(project);
  const { processes } = await ps(project);
  browser.signal('SIGKILL'); // no verb ends it
  const classOf = (pid: number | undefined) => processes.find((one) => one.pid === pid)?.class;
  expect(classOf(browser.pid)).toBe('detached');
  // PC_PROC_NAME and the directory are two hints; the others have one, or none.
  expect(decoys.all.map((decoy) => [decoy.name, classOf(decoy.pid)])).toEqual(
    decoys.all.map(({ name }) => [name, name === 'language server' ? 'suspect' : undefined]),
  );
});

test('marks what a killed supervisor left, with and without a new one beside it', async () => {
  await using project = await started();
  const web = await project.services.next('web');
  for (const server of project.servers) signalProcess(server, 'SIGKILL');
  await eventually('the end of the server', () => project.servers.length === 0);
  expect(await ps(project)).toMatchObject({
    instance: null,
    processes: [{ pid: web.pid, class: 'ours', leftover: true }],
  });
  const said = await project.run(['ps']);
  expect(said.stdout).toContain('left over');
  expect(said.stderr).toContain('upkeep reap');
  project.declareServices({ web: await freePort() });
  const external = await headless(project, { kind: 'unix', path: `${project.home}/pc.sock` });
  const next = await project.services.next('web');
  const { processes } = await ps(project);
  expect(processes.map(({ pid, class: is, leftover }) => [pid, is, leftover])).toEqual(
    expect.arrayContaining([
      [web.pid, 'ours', true],
      [external.server.pid, 'external', false],
      [next.pid, 'external', false],
    ]),
  );
});

test('--all lists the other projects by their live processes, and those that are down from the list', async () => {
  await using project = await started();
  await using other = await started();
  const web = await other.services.next('web');
  // Whose home is another finds it by its processes alone.
  const byMarker = await ps(project, '--all');
  expect(byMarker.others?.find(({ root }) => root === other.root)).toMatchObject({
    key: other.key,
    processes: expect.arrayContaining([expect.objectContaining({ pid: web.pid, service: 'web' })]),
  });
  expect(byMarker.others?.some(({ key }) => key === project.key)).toBe(false);
  await other.run(['stop']);
  const own = await ps(other, '--all');
  expect(own).toMatchObject({ instance: null, processes: [] });
  const elsewhere = await project.run(['ps', '--all', '--json'], { cwd: '/', env: { HOME: other.home } });
  expect((elsewhere.json() as Document).others).toEqual(
    expect.arrayContaining([{ key: other.key, root: other.root, processes: [] }]),
  );
});

test('says that nothing runs', async () => {
  await using project = await temporaryProject({ yaml: 'processes: {}\n' });
  expect(await project.run(['ps'])).toMatchObject({
    code: 0,
    stdout: `no process of ${project.root} is running\n`,
  });
  expect(await project.run(['ps', '--json'])).toMatchObject({ code: 0 });
});
