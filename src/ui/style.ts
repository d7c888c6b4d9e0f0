/** Decides between colour and none by the usual rules: `--color`, NO_COLOR, FORCE_COLOR, a terminal or not. */
import pc from 'picocolors';

export type ColorChoice = 'auto' | 'always' | 'never';
export type Style = ReturnType<typeof pc.createColors>;

export function styleFor(choice: ColorChoice, terminal: boolean, env: NodeJS.ProcessEnv): Style {
  if (choice !== 'auto') return pc.createColors(choice === 'always');
  if (env['NO_COLOR']) return pc.createColors(false);
  const force = env['FORCE_COLOR'];
  if (force !== undefined && force !== '') return pc.createColors(force !== '0' && force !== 'false');
  return pc.createColors(terminal && env['TERM'] !== 'dumb');
}
