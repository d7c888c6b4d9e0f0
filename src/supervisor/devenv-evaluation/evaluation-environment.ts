/** The environment that devenv is called in: the stack's, less what another devenv shell left in it; its profiles stay (pure). */
import type { Environment } from '../../core/environment.ts';

const left =
  /^DEVENV_(?:ROOT|DOTFILE|STATE|RUNTIME|PROFILE|TASKS|TASK_FILE|TASKS_OUTPUTS|SKIP_TASKS|NIX|DIRENVRC.*)$/;

/** `upkeep start` within `devenv shell` of another project must not evaluate that one. */
export const evaluationEnvironment = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !left.test(name)));

/** The names that are taken out there. */
export const leftovers = (env: Environment): readonly string[] =>
  Object.keys(env).filter((name) => left.test(name));
