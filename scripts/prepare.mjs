// Runs after `npm ci` in the clone: installs our own git hooks and builds the CLI. A consumer's install never gets here.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
if (existsSync(join(root, '.git')) && !process.env['CI']) {
  const { default: husky } = await import('husky');
  const trouble = husky();
  if (trouble) console.error(`husky: ${trouble}`);
}
await import('./build.mjs');
