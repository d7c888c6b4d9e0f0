/** Replaces `${NAME}` from .env and the environment, as process-compose does with the text of its files. */

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:=default}`; `$$` becomes `$`. A bare `$NAME` is the shell's
 * (tried with 1.87). Unknown names without a default are left alone: what the start will see is not known here.
 */
export const expand = (text: string, variables: Variables): string =>
  text.replace(
    /\$\$|\$\{([A-Za-z_]\w*)(?:(:?[-=])([^{}]*))?\}/g,
    (whole, name?: string, operator?: string, fallback?: string) => {
      if (name === undefined) return '$';
      const value = variables[name];
      if (value !== undefined && (value !== '' || operator?.startsWith(':') !== true)) return value;
      return operator === undefined ? whole : (fallback ?? '');
    },
  );

/** Replaces `{{.NAME}}` and `{{ .NAME }}` by their values; other template actions are left alone. */
export const render = (text: string, vars: Readonly<Record<string, unknown>>): string =>
  text.replace(/\{\{-?\s*\.(\w+)\s*-?\}\}/g, (whole, name: string) => {
    const value = vars[name];
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : whole;
  });

/** The assignments of a .env file. Good enough to find a port; the start reads the file itself. */
export function parseDotenv(text: string): Variables {
  const variables: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*[=:]\s*(?:"([^"]*)"|'([^']*)'|([^#]*))/.exec(line);
    if (match?.[1]) variables[match[1]] = match[2] ?? match[3] ?? match[4]?.trim() ?? '';
  }
  return variables;
}
