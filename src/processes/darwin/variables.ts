/** Reads single variables out of `ps -E`, which prints command line and environment in one, with nothing between. */
import { markerName } from '../../core/project.ts';

/** Of all others nobody could tell where the value ends. */
const wanted = new RegExp(`(?:^|\\s)(${markerName}|PC_[A-Z_]+)=(.*?)(?=\\s+[A-Za-z_]\\w*=|$)`, 'gs');

/** Parses as a marker and is no project's: its bearer is vetoed. */
const nobodys = '0000000000000000.00000000-0000-0000-0000-000000000000';

/**
 * @param command the same process without its environment: what stands there is an argument, and anybody may write one.
 * @returns our marker and process-compose's variables. A name with two values is left out, for one stands in another
 * variable's value; of two markers one may be another project's, so nobody is proved by them. null: the two do not belong together.
 */
export function parseVariables(text: string, command: string): Record<string, string> | null {
  if (text !== command && !text.startsWith(`${command} `)) return null;
  const found = new Map<string, Set<string>>();
  for (const [, name = '', value = ''] of text.slice(command.length).matchAll(wanted))
    found.set(name, (found.get(name) ?? new Set()).add(value.trim()));
  return Object.fromEntries(
    [...found].flatMap(([name, values]) => {
      if (values.size > 1) return name === markerName ? [[name, nobodys]] : [];
      return [...values].map((value) => [name, value]);
    }),
  );
}
