/** The door to ps, lsof and sysctl: one short question, answered before anything else happens. */
import { spawnSync } from 'node:child_process';

const timeoutMs = 10_000;

/** In the C locale and in UTC, or dates could not be read. Throws when the program is not there or does not end in time. */
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
  // The exit code says nothing: lsof has 1 also when one of many files was not found.
  return stdout;
}

/** Remembers an answer until the code that asked gives way: a look at all processes asks the same for each of them. */
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
