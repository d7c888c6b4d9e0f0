/** The generated script as what it starts, or the words for why that cannot be told. */
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { Environment } from '../../core/environment.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { onPath } from '../process-compose/binary/executable.ts';
import { readText } from './places.ts';
import type { ProcessScript } from './process-script.ts';
import { readProcessScript } from './process-script.ts';

/** The binary is absolute afterwards. */
export function readScript(path: string, env: Environment): Result<ProcessScript> {
  const script = readProcessScript(readText(path) ?? '', env);
  if (script === null) return anotherManager();
  const binary = isAbsolute(script.binary) ? script.binary : onPath(script.binary, env);
  if (binary === null || !existsSync(binary)) {
    const tried = [isAbsolute(script.binary) ? `no ${script.binary}` : `PATH: no ${script.binary}`];
    const detail = 'the script that devenv built names it; `devenv build procfileScript` builds it anew.';
    return fail({ reason: 'binary-missing', program: 'process-compose', tried, detail });
  }
  return ok({ ...script, binary });
}

/** Refused before anything is stopped: what is running goes on. */
export const anotherManager = () =>
  fail({
    reason: 'not-implemented',
    what: 'a process manager of devenv other than its native one and process-compose',
    instead: 'Set `process.manager.implementation = "process-compose";` in devenv.nix.',
  });
