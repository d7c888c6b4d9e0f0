/** `print-dev-env`, `shell`, `build`, `eval`, `info`, `tasks list`: what evaluates and starts nothing of the stack. */
import { symlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildShell, buildTasks, buildUpScript } from '../build.ts';
import { become, captureEnvironment, enterCommand, linkBash, outerEnvironment } from '../enter.ts';
import { Bail, Usage, print } from '../say.ts';
import type { Session } from '../session.ts';
import { onPath } from '../store.ts';

export async function printDevEnv(session: Session, json: boolean): Promise<void> {
  const built = await buildShell(session);
  if (!json) return print(built.text);
  const variables = Object.entries(built.variables).map(
    ([name, value]) => [name, { type: 'exported', value }] as const,
  );
  print(`${JSON.stringify({ bashFunctions: {}, variables: Object.fromEntries(variables) })}\n`);
}

/** Becomes the command; without one, a bash in the environment. */
export async function enterShell(session: Session, words: readonly string[]): Promise<void> {
  const built = await buildShell(session);
  const command = words.length > 0 ? words : [session.packages.bash, '--norc', '-i'];
  if (!session.settings.cli.native) {
    // The script's own `exec` looks the word up in the environment's PATH.
    return become(enterCommand(session, built, command), outerEnvironment(session));
  }
  linkBash(session);
  // The hooks run twice: to learn the environment that the tasks of `enterShell` get, and in the shell itself.
  captureEnvironment(session, built, { DEVENV_SKIP_TASKS: '1' });
  await buildTasks(session);
  const env = captureEnvironment(session, built);
  process.env['PATH'] = env['PATH'];
  const [program = '', ...rest] = command;
  const found = program.includes('/') ? program : onPath(program);
  if (found === null) throw new Bail(`${program}: command not found`);
  return become([found, ...rest], env);
}

export async function build(session: Session, attributes: readonly string[]): Promise<void> {
  if (attributes.length === 0) throw new Usage('stand-in: `build` without an attribute is not modelled');
  const paths: [string, string][] = [];
  for (const attribute of attributes) paths.push([attribute, await buildOne(session, attribute)]);
  const { build: how } = session.settings.cli;
  if (how === 'json') print(`${JSON.stringify(Object.fromEntries(paths), null, 2)}\n`);
  else if (how === 'paths') print(paths.map(([, path]) => `${path}\n`).join(''));
  else
    for (const [, path] of paths) {
      const link = join(session.project.root, 'result');
      rmSync(link, { force: true });
      symlinkSync(path, link);
    }
}

async function buildOne(session: Session, attribute: string): Promise<string> {
  if (attribute === 'procfileScript') return buildUpScript(session, 'Building procfileScript');
  if (attribute === 'task.config') return (await buildTasks(session)).path;
  if (attribute === 'shell') return (await buildShell(session)).path;
  throw new Bail(`stand-in: build ${attribute} is not modelled`);
}

export async function evaluateAttributes(session: Session, attributes: readonly string[]): Promise<void> {
  const found: Record<string, unknown> = {};
  for (const attribute of attributes) {
    const { config } = await session.evaluate(`eval ${attribute}`, 'Evaluating');
    found[attribute] = at(config, attribute);
  }
  print(`${JSON.stringify(found, null, 2)}\n`);
}

function at(config: { readonly implementation: string }, attribute: string): unknown {
  if (attribute === 'process.manager.implementation') return config.implementation;
  let value: unknown = config;
  for (const name of attribute.split('.')) {
    if (typeof value !== 'object' || value === null || !(name in value))
      throw new Bail(`attribute '${attribute}' missing`);
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

export async function info(session: Session): Promise<void> {
  const { config } = await session.evaluate('shell', 'Evaluating');
  const section = (title: string, lines: readonly string[]): string =>
    lines.length === 0 ? '' : `# ${title}\n${lines.map((line) => `- ${line}\n`).join('')}\n`;
  print(
    section(
      'env',
      Object.entries(config.env).map(([name, value]) => `${name}: ${value}`),
    ) +
      section('packages', config.packages) +
      section(
        'processes',
        Object.entries(config.processes).map(([name, { exec }]) => `${name}: exec ${exec}`),
      ),
  );
}

export async function listTasks(session: Session, json: boolean): Promise<void> {
  const { tasks, path } = await buildTasks(session);
  if (json) return print(`${JSON.stringify({ path, tasks: tasks.map(({ name }) => name) })}\n`);
  print(['devenv:', ...tasks.map(({ name }) => `  └── ${name.replace('devenv:', '')}`), ''].join('\n'));
}
