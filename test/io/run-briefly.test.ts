import { expect, it } from 'vitest';
import { runBriefly } from '../../src/io/run-briefly.ts';

const options = { cwd: '/', env: { PATH: process.env['PATH'] }, timeoutMs: 10_000 };

it('gives what the program printed', async () => {
  const ran = await runBriefly(['sh', '-c', 'printf out; printf err >&2'], options);
  expect(ran).toEqual({ ok: true, value: { exitCode: 0, stdout: 'out', stderr: 'err' } });
});

it('keeps every byte with latin1', async () => {
  const ran = await runBriefly(['printf', String.raw`\377\000x`], { ...options, encoding: 'latin1' });
  expect(ran).toMatchObject({ ok: true, value: { stdout: '\u00FF\u0000x' } });
});

it('gives nothing of its own environment to the program', async () => {
  const ran = await runBriefly(['/bin/sh', '-c', 'echo "[$HOME]"'], { ...options, env: {} });
  expect(ran).toMatchObject({ ok: true, value: { stdout: '[]\n' } });
});

it('takes another exit code for a failure, with what was said', async () => {
  const ran = await runBriefly(['sh', '-c', 'echo no >&2; exit 3'], options);
  expect(ran).toMatchObject({
    ok: false,
    failure: { reason: 'command-failed', exitCode: 3, stderr: 'no\n' },
  });
});

it('tells a program that does not exist from one that failed', async () => {
  const ran = await runBriefly(['no-such-program-of-ours'], options);
  expect(ran).toMatchObject({ ok: false, failure: { reason: 'command-failed', exitCode: null } });
  if (!ran.ok) expect(ran.failure).toHaveProperty('stderr', expect.stringContaining('ENOENT'));
});

it('ends a program that takes too long', async () => {
  const ran = await runBriefly(['sleep', '60'], { ...options, timeoutMs: 50 });
  expect(ran).toMatchObject({ ok: false, failure: { reason: 'command-timeout', timeoutMs: 50 } });
});

it('ends when it is interrupted', async () => {
  const stop = new AbortController();
  const running = runBriefly(['sleep', '60'], { ...options, signal: stop.signal });
  stop.abort();
  expect(await running).toMatchObject({ ok: false, failure: { reason: 'interrupted' } });
});

it('takes a program that Ctrl-C ended for interrupted: the terminal tells it before it tells us', async () => {
  const ran = await runBriefly(['sh', '-c', 'kill -INT $$'], options);
  expect(ran).toMatchObject({ ok: false, failure: { reason: 'interrupted' } });
});
