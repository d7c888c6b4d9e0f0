/** Instances that somebody else started: `process-compose up` in a terminal, headless, or over TCP. */
import { existsSync } from 'node:fs';
import type { Endpoint } from '../../src/core/endpoint.ts';
import { isAlive } from '../../src/processes/table.ts';
import { connectControl } from '../../src/supervisor/process-compose/client.ts';
import type { Control } from '../../src/supervisor/port.ts';
import type { ProcessRow } from '../../src/core/process.ts';
import type { TestProject } from './project.ts';
import type { Terminal } from './terminal.ts';
import { openTerminal } from './terminal.ts';
import { eventually } from './until.ts';

export interface ExternalStack {
  readonly endpoint: Endpoint;
  readonly control: Control;
  readonly server: ProcessRow;
  readonly alive: () => boolean;
}

/** Headless, in the background, as `-D` would leave it. */
export async function headless(
  project: TestProject,
  endpoint: Endpoint,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<ExternalStack> {
  const argv = [
    'process-compose',
    ...where(endpoint),
    '-t=false',
    ...logOf(project),
    ...flags,
    'up',
  ] as const;
  project.program(argv, { env });
  return answering(project, endpoint);
}

/** With its TUI, in a terminal of its own. */
export async function onTerminal(
  project: TestProject,
  endpoint: Endpoint,
  ...flags: readonly string[]
): Promise<ExternalStack & { readonly terminal: Terminal }> {
  const argv = ['process-compose', ...where(endpoint), ...logOf(project), ...flags, 'up'];
  const terminal = openTerminal(argv, { cwd: project.root, env: project.env });
  return { ...(await answering(project, endpoint)), terminal };
}

/** Its default log is one file that every project of the user shares. */
const logOf = (project: TestProject): string[] => ['-L', `${project.home}/pc.log`];

const where = (endpoint: Endpoint): string[] =>
  endpoint.kind === 'unix' ? ['-u', endpoint.path] : ['-p', String(endpoint.port)];

async function answering(project: TestProject, endpoint: Endpoint): Promise<ExternalStack> {
  const control = connectControl(endpoint);
  const isThere = async (): Promise<boolean> =>
    (endpoint.kind === 'tcp' || existsSync(endpoint.path)) && (await control.live()).ok;
  await eventually('process-compose answers', isThere);
  const server = await eventually('its process', () =>
    project.living.find(({ command }) => /^\S*process-compose /.test(command) && / up\b/.test(command)),
  );
  return { endpoint, control, server, alive: () => isAlive(server) };
}
