/** `upkeep health [SERVICE…]`: only an exit code, and a line for each service that is not well. */
import { isWell } from '../../core/health.ts';
import { fail, ok } from '../../core/result.ts';
import type { Verb } from '../call.ts';
import { open } from '../call.ts';
import { observe } from '../stack/observe.ts';
import { unknownServices } from './unknown-services.ts';

export interface HealthOptions {
  readonly names: readonly string[];
}

export const health: Verb<HealthOptions> = async (call, { names }) => {
  const stack = await open(call, { tolerant: true });
  if (!stack.ok) return stack;
  const { report } = await observe(stack.value);
  if (report.stack === 'down') return fail({ reason: 'not-running' });
  const unknown = unknownServices(
    names,
    report.services.map(({ name }) => name),
  );
  if (unknown) return unknown;
  const selected = report.services.filter((service) => names.length === 0 || names.includes(service.name));
  const failing = selected.filter(({ verdict }) => !isWell(verdict));
  const healthy = failing.length === 0 && (names.length > 0 || report.healthy);
  call.printer.document({ schema: 1, healthy, stack: report.stack, failing });
  for (const service of failing) call.printer.answer(`${service.name}: ${service.what}`);
  if (!healthy && failing.length === 0) call.printer.answer(`the stack is ${report.stack}`);
  return ok(healthy ? 0 : 1);
};
