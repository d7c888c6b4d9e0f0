import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lookAhead } from '../../src/cli/watch/look-ahead.ts';
import type { ContentScope } from '../../src/watch/content-id/scope.ts';

const root = mkdtempSync('/tmp/uk-');
const file = join(root, 'compose.yaml');
const { signal } = new AbortController();
const scope: ContentScope = {
  root,
  workTree: root,
  gitDir: null,
  stateDir: join(root, 'state'),
  sources: [],
  ignore: [],
  shared: [],
  inputs: [file],
};

beforeEach(() => {
  // It serves for moments: time stands still between two lines here.
  vi.useFakeTimers({ toFake: ['performance'] });
  mkdirSync(root, { recursive: true });
  writeFileSync(file, 'before');
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(root, { recursive: true, force: true });
});

const idOf = async (looking: ReturnType<ReturnType<typeof lookAhead>['look']>): Promise<string> => {
  const { content } = await looking;
  if (!content.ok) throw new Error(content.failure.reason);
  return content.value.id;
};

test('what was begun serves one look at the same scope', async () => {
  const before = await idOf(lookAhead().look(scope, signal));
  const ahead = lookAhead();
  ahead.begin(scope);
  writeFileSync(file, 'after');
  expect(await idOf(ahead.look({ ...scope }, signal))).toBe(before);
  expect(await idOf(ahead.look(scope, signal))).not.toBe(before);
});

test('what was begun and discarded, or begun at another scope, is looked at anew', async () => {
  const after = async (spoil: (ahead: ReturnType<typeof lookAhead>) => void): Promise<string> => {
    writeFileSync(file, 'before');
    const ahead = lookAhead();
    ahead.begin(scope);
    writeFileSync(file, 'after');
    spoil(ahead);
    return idOf(ahead.look(scope, signal));
  };
  const truth = await after((ahead) => ahead.discard());
  writeFileSync(file, 'after');
  expect(truth).toBe(await idOf(lookAhead().look(scope, signal)));
  expect(await after((ahead) => ahead.begin({ ...scope, ignore: ['x'] }))).toBe(truth);
});
