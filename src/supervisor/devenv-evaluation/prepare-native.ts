/** What an evaluation for devenv's native manager is handed to: the adapters do not know one another. */
import type { Result } from '../../core/result.ts';
import type { Prepared, PrepareRequest } from '../port.ts';
import type { Evaluated } from './evaluated.ts';
import type { Evaluation } from './evaluate.ts';

/** Both see what was evaluated; `fresh` besides validates it, before it is written down. */
export interface PrepareNative {
  fresh(evaluation: Evaluation, request: PrepareRequest): Promise<Result<Evaluated>>;
  assemble(evaluated: Evaluated, request: PrepareRequest): Promise<Result<Prepared>>;
}
