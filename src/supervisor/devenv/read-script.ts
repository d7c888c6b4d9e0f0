/** The generated script as what it starts, or the words for why that cannot be told. */
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { Environment } from '../../core/environment.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { onPath } from '../process-compose/binary/executable.ts';
import { anotherManager } from '../devenv-evaluation/manager.ts';
import { readText } from '../devenv-evaluation/places.ts';
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
