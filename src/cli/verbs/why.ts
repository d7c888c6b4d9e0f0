/** `upkeep why [SERVICE]`: why it restarted last, why it is stale, why it does not run. */
import { fail } from '../../core/result.ts';
import type { Verb } from '../call.ts';

export const why: Verb<{ readonly name: string | null }> = async () =>
  fail({ reason: 'not-implemented', what: '`upkeep why`', instead: '`upkeep status`' });
