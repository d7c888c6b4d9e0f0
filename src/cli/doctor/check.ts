/** Makes a check: its outcome in words, and a guard around it, so that doctor answers when everything else is broken. */
import type { Check } from '../../core/doctor.ts';
import type { Failure } from '../../core/failure.ts';
import { explain } from '../../ui/explain.ts';

/** A check without its name. */
export type Finding = Omit<Check, 'name'>;

export const fine = (what: string): Finding => ({ is: 'ok', what, next: null });
export const note = (what: string, next: string | null = null): Finding => ({ is: 'note', what, next });
export const problem = (what: string, next: string): Finding => ({ is: 'problem', what, next });

/** A failure as a problem; `next` where the failure's own last line is not the best move. */
export function failed(failure: Failure, next?: string): Finding {
  const lines = explain(failure);
  return lines.length > 1 && next === undefined
    ? problem(lines.slice(0, -1).join('\n'), lines.at(-1) ?? '')
    : problem(lines.join('\n'), next ?? 'see above');
}

/** Runs one check; one that throws is a problem of its own, and the others go on. */
export async function check(name: string, look: () => Finding | Promise<Finding>): Promise<Check> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    const what = `could not be checked: ${error instanceof Error ? error.message : String(error)}`;
    return { name, ...problem(what, 'this is a bug in upkeep: report it with this line') };
  }
}
