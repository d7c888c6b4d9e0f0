/** The settings of the controller: from upkeep.yaml, with a prefix for restart ids that no two watchers share. */
import { randomBytes } from 'node:crypto';
import type { Config } from '../../core/config.ts';
import type { ControllerSettings } from '../../core/controller/state.ts';

export const settingsOf = (config: Config): ControllerSettings => ({
  quietMs: config.watch.quietMs,
  capMs: config.watch.capMs,
  idPrefix: `${randomBytes(2).toString('hex')}-`,
});
