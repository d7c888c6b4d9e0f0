/** What devenv builds: the shell, the script of `up`, the task file; each from one evaluation, each with its link. */
import type { Allocated, Config } from './evaluate.ts';
import { composeYaml } from './generate/compose-yaml.ts';
import type { Generated, ShellEnvironment } from './generate/shell-env.ts';
import { shellEnvironment } from './generate/shell-env.ts';
import type { ProcessTask } from './generate/tasks.ts';
import { processTasks, tasksText } from './generate/tasks.ts';
import { upScript } from './generate/up-script.ts';
import { linkAttribute, linkShell } from './links.ts';
import type { Session } from './session.ts';

export interface Built extends ShellEnvironment {
  readonly config: Config;
}

/** Evaluates and builds the shell; moves gc/shell, writes input-paths.txt. */
export async function buildShell(session: Session, allocated: Allocated | null = null): Promise<Built> {
  const evaluation = await session.evaluate('shell', 'Building shell', allocated);
  const made = await generate(session, evaluation.config);
  const shell = shellEnvironment(session, evaluation.config, made);
  linkShell(session, shell.path, evaluation);
  return { ...shell, config: evaluation.config };
}

/** The script in the store. */
export async function buildUpScript(
  session: Session,
  span: string,
  allocated: Allocated | null = null,
): Promise<string> {
  const { config } = await session.evaluate('procfileScript', span, allocated);
  const { yaml } = await generate(session, config);
  const script = upScript(session, config, yaml);
  linkAttribute(session, 'procfileScript', script);
  return script;
}

export interface BuiltTasks {
  readonly path: string;
  readonly tasks: readonly ProcessTask[];
  readonly config: Config;
}

export async function buildTasks(session: Session, allocated: Allocated | null = null): Promise<BuiltTasks> {
  const { config } = await session.evaluate('task.config', 'Building tasks', allocated);
  const { taskFile } = await generate(session, config);
  linkAttribute(session, 'task.config', taskFile);
  return { path: taskFile, tasks: processTasks(session, config), config };
}

async function generate(session: Session, config: Config): Promise<Generated> {
  const tasks = tasksText(processTasks(session, config));
  const taskFile = session.store.file('tasks.json', tasks);
  const runsFile = session.settings.modules.runs === 'task-file';
  const yaml = await composeYaml(session, config, runsFile ? taskFile : null);
  return { taskFile, tasks, yaml };
}
