/** Decides where records lie that belong to no repository. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** `$XDG_STATE_HOME/upkeep`, else `~/.local/state/upkeep`. A relative value is ignored, as the XDG specification says. */
export function stateHome(): string {
  const configured = process.env['XDG_STATE_HOME'];
  const base = configured && isAbsolute(configured) ? configured : join(homedir(), '.local/state');
  return join(base, 'upkeep');
}
