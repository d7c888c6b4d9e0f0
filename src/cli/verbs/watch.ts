/** `upkeep watch`. */
import { fail } from '../../core/result.ts';
import type { Verb } from '../call.ts';

export const watch: Verb<Record<string, never>> = async () =>
  fail({ reason: 'not-implemented', what: 'watch', instead: 'Use `upkeep restart`.' });
