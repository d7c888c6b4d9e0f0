/** The composition root: turns a directory into everything that a verb needs. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Settings } from '../../config/read-settings.ts';
import { defaultSettings, readSettings } from '../../config/read-settings.ts';
import type { Config } from '../../core/config.ts';
import { parseEndpoint } from '../../core/endpoint.ts';
import type { Environment } from '../../core/environment.ts';
import { stackEnvironment } from '../../core/environment.ts';
import type { Failure } from '../../core/failure.ts';
import type { ProcessId } from '../../core/process.ts';
import { processKey } from '../../core/process.ts';
import type { Project } from '../../core/project.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import type { InstanceRecord } from '../../processes/ledger.ts';
import { listRecords } from '../../processes/ledger.ts';
import type { Member, MemberSearch } from '../../processes/members.ts';
import { findMembers } from '../../processes/members.ts';
import type { Supervisor } from '../../supervisor/port.ts';
import { processCompose } from '../../supervisor/plain/adapter.ts';
import { chooseBackend } from '../choose-backend.ts';
import { devenvSupervisor } from '../devenv-supervisor.ts';
import { findProject } from '../find-project.ts';
import { vanishedProject } from '../vanished-project.ts';
import { readStart } from './state-records.ts';

export interface Stack {
  readonly project: Project;
  readonly config: Config;
  readonly settings: Settings;
  readonly supervisor: Supervisor;
  /** The same project from what is on disk now: upkeep.yaml, and which files there are. */
  reopen(): Promise<Result<Stack>>;
  /** What the user should know, but what stops nothing: a broken upkeep.yaml, records that cannot be read. */
  readonly warnings: readonly Failure[];
  /** A choice that was made for the user, in one line; null: there was none. */
  readonly note: string | null;
  /** The environment that the stack has, or would get: the recorded one, else the caller's. */
  environment(): Environment;
  records(): readonly InstanceRecord[];
  /** One look at every process: what is the stack's now; `server` is the proved supervisor, where one runs. */
  search(server: ProcessId | null): MemberSearch;
  /** Its members, including those that run as another user. */
  members(server: ProcessId | null): readonly Member[];
}

export interface OpenOptions {
  /** `-C`; null: the current directory and upwards. */
  readonly root: string | null;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** stop, status, logs … work with a broken upkeep.yaml too: a typo must not keep anyone from stopping. */
  readonly tolerant: boolean;
}

/** Only reads. Fails with `no-project`, `root-vanished`, `wrong-user` or, unless `tolerant`, `settings-invalid`. */
export async function openStack(options: OpenOptions): Promise<Result<Stack>> {
  const found = locate(resolve(options.cwd, options.root ?? '.'), options);
  if (!found.ok) return found;
  const mismatch = wrongUser(found.value, options.env);
  if (mismatch) return mismatch;
  const settings = await readSettings(found.value.root);
  if (!settings.ok && !options.tolerant) return settings;
  const config = settings.ok ? settings.value.config : defaultSettings.config;
  const { project, note } = chooseBackend(found.value, config.backend);
  const warnings: Failure[] = settings.ok ? [] : [settings.failure];
  warnings.push(...listRecords(project.stateDir).problems);
  const records = (): readonly InstanceRecord[] => listRecords(project.stateDir).records;
  const setting = {
    project,
    configured: config.endpoint === null ? null : parseEndpoint(config.endpoint),
    moreInputs: config.config.map((path) => resolve(project.root, path)),
    token: options.env['PC_API_TOKEN'] ?? null,
    records,
  };
  const supervisor =
    project.backend === 'devenv'
      ? devenvSupervisor({ ...setting, ...config.devenv, env: stackEnvironment(options.env) })
      : processCompose(setting);
  // Once a server has ended, nothing tells what its wrappers were.
  const wrappers = new Map<string, readonly ProcessId[]>();
  const withWrappers = (server: ProcessId): readonly ProcessId[] => {
    const key = processKey(server);
    const known = wrappers.get(key) ?? supervisor.wrappersOf(server);
    wrappers.set(key, known);
    return [server, ...known];
  };
  const search = (server: ProcessId | null): MemberSearch =>
    findMembers({
      key: project.key,
      root: project.root,
      records: records(),
      servers: server ? withWrappers(server) : [],
      isHere: (cwd) => isOfProject(project, cwd),
    });
  return ok({
    project,
    config,
    settings: settings.ok ? settings.value : defaultSettings,
    supervisor,
    warnings,
    note,
    reopen: () => openStack({ ...options, root: project.root, tolerant: false }),
    environment: () => {
      const start = readStart(project);
      return start.ok && start.value ? start.value.env : stackEnvironment(options.env);
    },
    records,
    search,
    members: (server) => everybody(search(server)),
  });
}

/** The members, including those that run as another user. */
export const everybody = ({ members, beyond }: MemberSearch): readonly Member[] => [...members, ...beyond];

/** A project further down in the tree has services of its own. */
function isOfProject({ root }: Project, cwd: string): boolean {
  const nearest = findProject({ start: cwd, explicit: false });
  return !nearest.ok || nearest.value.root === root;
}

/** A verb that only looks or ends also takes a directory that is gone: its processes may live on. */
function locate(start: string, options: OpenOptions): Result<Project> {
  const found = findProject({ start, explicit: options.root !== null });
  if (found.ok || found.failure.reason !== 'root-vanished' || !options.tolerant) return found;
  const vanished = vanishedProject(start);
  return vanished ? ok(vanished) : found;
}

/** Under sudo everything would belong to root afterwards, and the user could not stop it. */
function wrongUser(project: Project, env: NodeJS.ProcessEnv): Result<never> | null {
  const sudoUid = Number(env['SUDO_UID'] ?? Number.NaN);
  const owner = ownerOf(project.root);
  if (!Number.isInteger(sudoUid) || owner === null || owner === process.getuid?.()) return null;
  return fail({ reason: 'wrong-user', root: project.root, owner: env['SUDO_USER'] ?? `uid ${owner}` });
}

const ownerOf = (root: string): number | null => statSync(root, { throwIfNoEntry: false })?.uid ?? null;
