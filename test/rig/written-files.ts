/** A directory of its own, with the files that a test writes into it. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface WrittenFiles extends Disposable {
  readonly root: string;
  /** Absolute. */
  readonly path: (name: string) => string;
  readonly write: (files: Readonly<Record<string, string>>) => void;
  readonly remove: (name: string) => void;
}

export function writtenFiles(files: Readonly<Record<string, string>> = {}): WrittenFiles {
  const root = mkdtempSync('/tmp/uk-');
  const write = (more: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(more)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
      if (text.startsWith('#!')) chmodSync(join(root, name), 0o755);
    }
  };
  write(files);
  return {
    root,
    path: (name) => join(root, name),
    write,
    remove: (name) => rmSync(join(root, name)),
    [Symbol.dispose]: () => rmSync(root, { recursive: true }),
  };
}
