/** Extracts single variables from `ps -E`, which prints command line and environment without a separator. */
import { markerName } from '../../core/project.ts';

/** Of other variables it cannot be told where the value ends. */
const wanted = new RegExp(`(?:^|\\s)(${markerName}|PC_[A-Z_]+)=(.*?)(?=\\s+[A-Za-z_]\\w*=|$)`, 'gs');

/** A marker of no project: whoever carries it is vetoed. */
const nobodys = '0000000000000000.00000000-0000-0000-0000-000000000000';

/**
 * @param command the same process without its environment: what is found there is an argument, which anybody may write.
 * @returns our marker and process-compose's variables. A name with two values is left out, since one of them is part of another
 * variable's value; two markers prove nothing, since one may be another project's. null: the two texts do not belong together.
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
