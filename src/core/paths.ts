/** Paths as text, for files that may not use node:path. */

/** The last part of a path. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The program's own name: Nix wraps programs as `.node-wrapped`. */
export const programName = (path: string): string => baseName(path).replace(/^\.(.+)-wrapped_*$/, '$1');

/** `path` is `root` or lies below it; both absolute and resolved. */
export const isWithin = (root: string, path: string | null): boolean =>
  path !== null && (path === root || path.startsWith(root.endsWith('/') ? root : `${root}/`));
