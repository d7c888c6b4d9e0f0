/** The door to ps, lsof and sysctl: one short question, answered synchronously. */
import { spawnSync } from 'node:child_process';

const timeoutMs = 10_000;

/** In the C locale and in UTC, so that dates can be parsed. Throws when the program is missing or does not end in time. */
export function ask(argv: readonly [string, ...string[]]): string {
  const [program, ...args] = argv;
  const { error, stdout } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { LC_ALL: 'C', TZ: 'UTC' },
    killSignal: 'SIGKILL',
    maxBuffer: 256 * 1024 * 1024,
    // lsof warns of each file system that it may not look into.
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: timeoutMs,
  });
  if (error) throw new Error(`${argv.join(' ')}: ${error.message}`, { cause: error });
  // The exit code says nothing: lsof also exits with 1 when one of many files was not found.
  return stdout;
}

/** Caches an answer until the next microtask: a look at all processes asks the same for each of them. */
export function oncePerLook<Answer>(find: () => Answer): () => Answer {
  let known: { readonly answer: Answer } | null = null;
  return () => {
    if (known) return known.answer;
    const answer = find();
    known = { answer };
    queueMicrotask(() => (known = null));
    return answer;
  };
}
