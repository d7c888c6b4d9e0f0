/** `upkeep doctor`: checks of everything that upkeep needs, each with the next move. */
import { fail } from '../../core/result.ts';
import type { Verb } from '../call.ts';

export const doctor: Verb<Record<string, never>> = async () =>
  fail({ reason: 'not-implemented', what: '`upkeep doctor`', instead: '`upkeep status`' });
