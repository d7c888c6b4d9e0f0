/** What devenv refuses of a word in `after` or `before`: a name that nobody has, or a wait that can never end (pure). */
import type { NativeTask, Reference } from './native-tasks.ts';
import { isProbed } from './native-tasks.ts';

const kinds = ['started', 'ready', 'succeeded', 'completed'];

/**
 * null: it is taken. As devenv-tasks/src/tasks.rs has it since 2.0: names are whole, a process never `succeeds`, only a process
 * is ever `ready`, which is also what is meant where nothing is said, and then something has to tell it.
 */
export function refusedReference(
  tasks: ReadonlyMap<string, NativeTask>,
  task: NativeTask,
  { name, kind, isBefore }: Reference,
): string | null {
  const verb = isBefore ? 'it comes before' : 'it waits for';
  if (kind !== null && !kinds.includes(kind))
    return `${verb} ${name}@${kind}, and there is only ${kinds.map((one) => `@${one}`).join(', ')}`;
  const other = tasks.get(name);
  if (!other) return `${verb} ${name}, which does not exist`;
  const awaited = isBefore ? task : other;
  if (awaited.type === 'process' && kind === 'succeeded')
    return `${verb} ${name}@succeeded, and a process can only be waited for until it is @started, @ready or @completed`;
  if (awaited.type !== 'process')
    return kind === 'ready' ? `${verb} ${name}@ready, and only a process is ever ready` : null;
  const untold = (kind ?? 'ready') === 'ready' && !(awaited.process && isProbed(awaited.process));
  const whose = isBefore ? 'it is' : `${name} is`;
  return untold
    ? `${verb} ${name}, and nothing tells when ${whose} ready: a \`ready\` probe or a port does, or write @started`
    : null;
}
