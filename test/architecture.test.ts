/** Keeps the layers of the source as they are drawn: who may import whom, which packages where, and how long a file may be. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = join(import.meta.dirname, '../src');

interface Layer {
  readonly folders: readonly string[];
  readonly packages: readonly string[];
  /** Folders of which only types may come in. */
  readonly types?: readonly string[];
  readonly builtins?: false;
}

const layers: Readonly<Record<string, Layer>> = {
  core: { folders: [], packages: [], builtins: false },
  io: { folders: ['core'], packages: ['execa', 'pino', 'yaml'] },
  config: { folders: ['core', 'io'], packages: [] },
  processes: { folders: ['core', 'io'], packages: [] },
  supervisor: { folders: ['core', 'io', 'processes'], packages: [] },
  watch: { folders: ['core', 'io'], packages: ['chokidar', 'p-debounce'] },
  git: { folders: ['core', 'io'], packages: [] },
  daemon: {
    folders: ['core', 'io'],
    packages: [],
    types: ['supervisor', 'watch', 'processes', 'git', 'config'],
  },
  ui: { folders: ['core'], packages: ['picocolors'] },
  cli: {
    folders: ['core', 'io', 'config', 'processes', 'supervisor', 'watch', 'git', 'daemon', 'ui'],
    packages: ['commander'],
  },
};

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, folder: path.split('/')[0] ?? '', text: readFileSync(join(src, path), 'utf8') }));

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

function importsOf(text: string): Import[] {
  const statements = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\sfrom\s+)?'([^']+)'/g,
  );
  const dynamic = text.matchAll(/\bimport\('([^']+)'\)/g);
  return [
    ...[...statements].map((match) => ({ target: match[2] ?? '', typeOnly: match[1] !== undefined })),
    ...[...dynamic].map((match) => ({ target: match[1] ?? '', typeOnly: false })),
  ];
}

function complaint(from: { path: string; folder: string }, one: Import): string | null {
  const layer = layers[from.folder];
  if (!layer) return `${from.path}: ${from.folder} is no layer`;
  if (one.target.startsWith('.')) {
    const folder = relative(src, join(src, dirname(from.path), one.target)).split('/')[0] ?? '';
    const allowed = folder === from.folder || layer.folders.includes(folder);
    return allowed || (one.typeOnly && layer.types?.includes(folder))
      ? null
      : `${from.path} imports ${one.target}`;
  }
  if (one.target.startsWith('node:'))
    return layer.builtins === false ? `${from.path} imports ${one.target}` : null;
  return layer.packages.includes(one.target) ? null : `${from.path} imports the package ${one.target}`;
}

describe('the source', () => {
  it('imports only what its layer may', () => {
    const complaints = files.flatMap((file) => importsOf(file.text).map((one) => complaint(file, one)));
    expect(complaints.filter((text) => text !== null)).toEqual([]);
  });

  // What adapters share lies beside them: process-compose speaks to such a server, devenv-evaluation serves both of its managers.
  it('has no adapter that imports another one', () => {
    const adapters = files.filter((file) => /^supervisor\/[^/]+\//.test(file.path));
    const complaints = adapters.flatMap((file) =>
      importsOf(file.text)
        .map((one) => relative(src, join(src, dirname(file.path), one.target)))
        .filter(
          (target) =>
            /^supervisor\/(?!process-compose\/|devenv-evaluation\/)[^/]+\//.test(target) &&
            target.split('/')[1] !== file.path.split('/')[1],
        )
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(complaints).toEqual([]);
  });

  it('has no import cycle, types included', () => {
    const imports = new Map(
      files.map(({ path, text }) => [
        path,
        importsOf(text)
          .filter(({ target }) => target.startsWith('.'))
          .map(({ target }) => relative(src, join(src, dirname(path), target))),
      ]),
    );
    const done = new Set<string>();
    const cycleFrom = (path: string, way: readonly string[]): readonly string[] | null => {
      if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
      if (done.has(path)) return null;
      for (const next of imports.get(path) ?? []) {
        const cycle = cycleFrom(next, [...way, path]);
        if (cycle) return cycle;
      }
      done.add(path);
      return null;
    };
    expect(files.map(({ path }) => cycleFrom(path, [])).filter((cycle) => cycle !== null)).toEqual([]);
  });

  it('has no file above 250 lines', () => {
    expect(files.filter((file) => file.text.split('\n').length > 251).map((file) => file.path)).toEqual([]);
  });

  it('opens every file with a comment that says what it is', () => {
    expect(files.filter((file) => !file.text.startsWith('/**')).map((file) => file.path)).toEqual([]);
  });

  it('signals a process in one place only', () => {
    expect(files.filter((file) => /\bprocess\.kill\(/.test(file.text)).map((file) => file.path)).toEqual([
      'processes/signal.ts',
    ]);
  });

  it('writes to the terminal in ui only', () => {
    const writers = files.filter((file) => /\bconsole\.|process\.(?:stdout|stderr)\.write/.test(file.text));
    expect(writers.map((file) => file.path).filter((path) => !path.startsWith('ui/'))).toEqual([]);
  });
});
