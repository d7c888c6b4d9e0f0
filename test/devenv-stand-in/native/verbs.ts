/** `processes list|status|logs|start|stop|restart|wait|attach` of 2.x. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../project.ts';
import type { Native } from '../releases.ts';
import { Bail, Usage, print, say } from '../say.ts';
import { attach } from './attach.ts';
import type { Answer } from './client.ts';
import { ask } from './client.ts';
import { refused } from './up.ts';

const unsupported: Readonly<Record<string, string>> = {
  wait: "'devenv processes wait' is not yet supported for the process-compose backend",
  attach:
    '`devenv processes attach` is only supported by the native process manager; the configured process-compose session was left running',
};

export async function processesVerb(
  project: Project,
  native: Native,
  verb: string,
  words: readonly string[],
): Promise<void> {
  if (existsSync(join(project.gc, 'procfilescript-devenv-config-procfileScript')))
    throw new Bail(unsupported[verb] ?? 'This subcommand is only supported with the native process manager');
  // Only the pid file is believed: a manager that is still starting has none.
  if (!existsSync(join(project.native, 'native-manager.pid'))) throw new Bail(native.noneRunning);
  if (verb === 'attach') return attach(project.native);
  const [name] = words;
  if (/^(?:status|logs|restart)$/.test(verb) && name === undefined)
    throw new Usage('error: the following required arguments were not provided:\n  <NAME>');
  const answer = await ask(project.native, request(native, verb, words)).catch(refused);
  if (answer['status'] === 'error') throw new Bail(String(answer['message']));
  show(verb, answer);
}

function request(native: Native, verb: string, words: readonly string[]): Answer {
  const [name] = words;
  if (verb === 'start') return { command: verb, ...(native.manyNames ? { names: words } : { name }) };
  return {
    command: verb,
    ...(name === undefined ? {} : { name }),
    ...(verb === 'logs' ? { lines: 100 } : {}),
  };
}

interface Row {
  readonly name: string;
  readonly phase: string;
  readonly restart_count: number;
  readonly ports: readonly string[];
}

const row = ({ name, phase, restart_count: count, ports }: Row): string =>
  `${[name.padEnd(16), phase.padEnd(10), `restarts=${count}`, ...ports].join(' ')}\n`;

function show(verb: string, answer: Answer): void {
  if (verb === 'list') print((answer['processes'] as Row[]).map(row).join(''));
  else if (verb === 'status') print(row(answer['info'] as Row));
  else if (verb === 'logs') {
    const [out, err] = [String(answer['stdout']), String(answer['stderr'])];
    if (out !== '') print(`${out}\n`);
    if (err !== '') say(err);
  }
}
