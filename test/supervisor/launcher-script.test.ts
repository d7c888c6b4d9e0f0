import { describe, expect, it } from 'vitest';
import { launcherScript } from '../../src/supervisor/launcher-script.ts';
import { writtenFiles } from '../rig/written-files.ts';

const files = {
  'package.json': JSON.stringify({ scripts: { dev: 'vite', start: 'node server.js', odd: 5 } }),
  'api/package.json': JSON.stringify({ scripts: { dev: 'tsx watch src/x.ts' } }),
  'web/readme': '',
  justfile: 'dev:\n  air\n\nserve port="1":\n  cargo run\n',
  'other.just': 'dev:\n  bacon\n',
  'run.sh': 'exec vite\n',
  'bin/dev': '#!/usr/bin/env bash\nexec air\n',
  'bin/py': '#!/usr/bin/env python3\nprint()\n',
  'bin/server': '\u007FELF\u0000\u0001',
  'long.sh': `${'# long\n'.repeat(10_000)}vite\n`,
  'broken/package.json': '{ "scripts": {',
};

describe('the script that a launcher runs', () => {
  it.each<[string, string | null, string?]>([
    ['npm run dev', 'vite', 'npm run dev'],
    ['npm start', 'node server.js', 'npm start'],
    ['npm run-script dev -- --port 1', 'vite', 'npm run-script dev'],
    ['pnpm dev', 'vite', 'pnpm dev'],
    ['yarn run dev', 'vite', 'yarn run dev'],
    ['bun run --silent dev', 'vite', 'bun run dev'],
    ['FOO=1 exec npm run dev', 'vite', 'npm run dev'],
    ['cd api && npm run dev', 'tsx watch src/x.ts', 'npm run dev'],
    ['npm --prefix api run dev', 'tsx watch src/x.ts', 'npm run dev'],
    ['pnpm -C=./api dev', 'tsx watch src/x.ts', 'pnpm dev'],
    ['cd web && npm run dev', 'vite', 'npm run dev'],
    ["sh -c 'cd api && npm run dev'", 'tsx watch src/x.ts', 'npm run dev'],
    ['just dev', 'air', 'just dev'],
    ['just', 'air', 'just'],
    ['just serve 3000', 'cargo run', 'just serve'],
    ['just -f other.just dev', 'bacon', 'just dev'],
    ['just api/dev', 'air', 'just api/dev'],
    ['sh run.sh', 'exec vite\n', 'run.sh'],
    ['bash -eu ./run.sh --port 1', 'exec vite\n', 'run.sh'],
    ['./bin/dev', '#!/usr/bin/env bash\nexec air\n', 'dev'],
    ['cd bin && ./dev', '#!/usr/bin/env bash\nexec air\n', 'dev'],
    // what cannot be followed, or is none
    ['npm run odd', null],
    ['npm run nope', null],
    ['npm ci', null],
    ['npm run -w api dev', null],
    ['pnpm --filter api dev', null],
    ['cd broken && npm run dev', null],
    ['cd "$DIR" && npm run dev', null],
    ['just nope', null],
    ['./bin/py', null],
    ['./bin/server', null],
    ['sh long.sh', null],
    ['sh nope.sh', null],
    ['sh bin', null],
    ['/bin/sh', null],
    ['/usr/bin/env', null],
    ['node server.js', null],
    ['bun server.ts', null],
    ['', null],
  ])('of %j is %j', (command, text, from) => {
    using tree = writtenFiles(files);
    const script = launcherScript({ command, workingDirectory: tree.root }, tree.root);
    expect(script).toEqual(text === null ? null : { from, text });
  });
});
