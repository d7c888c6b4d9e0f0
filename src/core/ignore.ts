/** Decides which of the ignore patterns, if any, leaves a path out. */

/**
 * What editors and desktops create beside a file while it is open. Merely opening a file in vim must not restart anything,
 * and git's list of these is in the user's global configuration, which the content id does not read.
 */
export const ephemeral: readonly string[] = [
  // prettier-ignore
  '.*.sw?',
  '.*.un~',
  '*~',
  '4913',
  '.#*',
  '\\#*#',
  '*___jb_tmp___',
  '*___jb_old___',
  // prettier-ignore
  '.goutputstream-*',
  '*.kate-swp',
  '.DS_Store',
  '.nfs????????????????*',
  '.fuse_hidden*',
];

/** The pattern that leaves `path` out, else null. A directory is asked for with a trailing slash. */
export type IgnoreMatch = (path: string) => string | null;

interface Rule {
  readonly pattern: string;
  readonly negated: boolean;
  readonly expression: string;
}

/**
 * gitignore's language over paths relative to the root: the last match wins, `!` takes a path back (unlike git: below an
 * ignored directory, too). One expression over all patterns answers for the many paths that nothing leaves out.
 */
export function compileIgnore(patterns: readonly string[]): IgnoreMatch {
  const rules = patterns.map(parseRule).filter((rule) => rule !== null);
  const excluding = rules.filter((rule) => !rule.negated);
  if (excluding.length === 0) return () => null;
  const any = new RegExp(excluding.map((rule) => rule.expression).join('|'), 'su');
  const latestFirst = rules
    .map((rule) => ({ ...rule, test: new RegExp(rule.expression, 'su') }))
    .toReversed();
  return (path) => {
    if (!any.test(path)) return null;
    const decisive = latestFirst.find((rule) => rule.test.test(path));
    return decisive && !decisive.negated ? decisive.pattern : null;
  };
}

/** The pattern that matches exactly this path: special characters are escaped. */
export const literalPattern = (path: string): string => path.replace(/[\\*?[\]!#]/g, '\\$&');

/** Whether the pattern is tied to one place (a slash inside or in front), or matches a name anywhere. */
export const isAnchored = (pattern: string): boolean =>
  pattern.replace(/^!/, '').replace(/\/$/, '').includes('/');

function parseRule(pattern: string): Rule | null {
  const negated = pattern.startsWith('!');
  const text = (negated ? pattern.slice(1) : pattern).replace(/(?<!\\)\s+$/, '');
  const body = text.replace(/\/+$/, '').replace(/^\//, '');
  if (body === '' || pattern.startsWith('#')) return null;
  const start = isAnchored(text) ? '^' : '(?:^|/)';
  const end = text.endsWith('/') ? '/' : '(?:/|$)';
  const expression = `${start}${translate(body)}${end}`;
  return {
    pattern,
    negated,
    expression: compiles(expression) ? expression : `${start}${escaped(body)}${end}`,
  };
}

/** Glob to expression: `*` and `?` stay within one name, `**` as a whole name crosses any number of them. */
function translate(body: string): string {
  const names = body.split('/');
  return names
    .map((name, i) => {
      const last = i === names.length - 1;
      if (name === '**') return last ? '.+' : '(?:.*/)?';
      return translateName(name) + (last ? '' : '/');
    })
    .join('');
}

function translateName(name: string): string {
  let out = '';
  for (let i = 0; i < name.length; i += 1) {
    const c = name[i] ?? '';
    const set = c === '[' ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(name.slice(i)) : null;
    if (set) {
      out += `(?!/)[${set[1] ? '^' : ''}${(set[2] ?? '').replace(/[\\[\]^]/g, '\\$&')}]`;
      i += set[0].length - 1;
    } else if (c === '*') {
      while (name[i + 1] === '*') i += 1; // adjacent stars backtrack exponentially and mean one star
      out += '[^/]*';
    } else if (c === '?') out += '[^/]';
    else if (c === '\\' && i + 1 < name.length) out += escaped(name[(i += 1)] ?? '');
    else out += escaped(c);
  }
  return out;
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

function compiles(expression: string): boolean {
  try {
    return new RegExp(expression, 'su') instanceof RegExp;
  } catch {
    return false; // `[z-a]`: git matches nothing or the letters; the letters it is
  }
}
