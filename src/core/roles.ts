/** Decides what a source change means for a service, from its definition (docs/configuration.md). */
import type { Command } from './command-line.ts';
import { lastingCommands } from './command-line.ts';
import type { ServiceSettings } from './config.ts';
import { isInterpreter } from './interpreters.ts';
import { launcherOf } from './launcher.ts';
import { baseName, isWithin } from './paths.ts';
import { reloaderOf } from './reloader.ts';
import type { Role, ServiceDefinition } from './service.ts';
import { treeArgument } from './tree-arguments.ts';

export interface RolePlace {
  /** Absolute, without links. */
  readonly root: string;
  readonly workTree: string;
  /** What mainProgram names, looked up on the service's PATH: absolute, links followed. null: not found. */
  readonly program: string | null;
}

export interface RecognisedRole {
  readonly role: Role;
  /** For people, without a full stop: `vite reloads itself`. */
  readonly because: string;
}

/**
 * The first that matches:
 * ```
 * declared in upkeep.yaml, or watched by the manager ──▶ as declared, or self
 * something waits for its completion ──────────────────▶ task
 * every program that it leaves running reloads itself ─▶ self
 * its program and arguments lie outside the tree ──────▶ store
 * everything else ─────────────────────────────────────▶ code
 * ```
 */
export function recogniseRole(
  definition: ServiceDefinition,
  settings: ServiceSettings | undefined,
  place: RolePlace,
): RecognisedRole {
  if (settings?.role) return { role: settings.role, because: 'upkeep.yaml says so' };
  if (definition.watchedByManager)
    return { role: 'self', because: 'its manager restarts it when its own watch fires' };
  if (definition.awaitedToComplete) return { role: 'task', because: 'something waits for its completion' };
  const commands = lastingCommands(definition.command);
  const reloaders = commands.map((command) => reloaderThrough(command, definition.script));
  if (reloaders.length > 0 && reloaders.every((name) => name !== null)) {
    return { role: 'self', because: reloading(reloaders) };
  }
  return outsideTree(definition, commands, place);
}

/** The word that the caller looks up on PATH; null: several programs, or none that is known. */
export function mainProgram(definition: Pick<ServiceDefinition, 'command'>): string | null {
  const commands = lastingCommands(definition.command);
  const word = commands.length === 1 ? commands[0]?.words[0] : undefined;
  return word === undefined || /[$`]/.test(word) ? null : word;
}

interface Reloader {
  readonly name: string;
  /** The launcher whose script contains it. */
  readonly via: string | null;
}

function reloading(reloaders: readonly Reloader[]): string {
  const names = [...new Set(reloaders.map(({ name }) => `\`${name}\``))];
  const via = reloaders.find((reloader) => reloader.via !== null)?.via;
  const verb = names.length > 1 ? 'reload themselves' : 'reloads itself';
  return `${names.join(' and ')} ${verb}${via == null ? '' : ` (through \`${via}\`)`}`;
}

function reloaderThrough(command: Command, script: ServiceDefinition['script']): Reloader | null {
  const direct = reloaderOf(command);
  if (direct !== null) return { name: direct, via: null };
  const launcher = launcherOf(command);
  if (!launcher) return null;
  if (script?.from === launcher.from) return throughScript(command, script, launcher.name);
  if (!launcher.orProgram) return null;
  // `yarn vite` without such a script is the program of that name.
  const words = command.words.slice(command.words.indexOf(launcher.name));
  const program = reloaderOf({ ...command, words });
  return program === null ? null : { name: program, via: null };
}

/** Everything that the script leaves running must reload itself. One level only: a launcher inside it counts as unknown. */
function throughScript(
  command: Command,
  script: NonNullable<ServiceDefinition['script']>,
  name: string,
): Reloader | null {
  const inner = lastingCommands(script.text).map((each) => {
    const words = withPassedArguments(each.words, command.words, name);
    return reloaderOf({ ...each, words, assignments: { ...command.assignments, ...each.assignments } });
  });
  const [first] = inner;
  return first != null && inner.every((each) => each !== null) ? { name: first, via: script.from } : null;
}

/** `npm run dev -- --noreload`: what stands after the script's name reaches the script's command. */
function withPassedArguments(
  words: readonly string[],
  outer: readonly string[],
  name: string,
): readonly string[] {
  const at = outer.indexOf(name);
  return at === -1 ? words : [...words, ...outer.slice(at + 1).filter((word) => word !== '--')];
}

function outsideTree(
  definition: ServiceDefinition,
  commands: readonly Command[],
  place: RolePlace,
): RecognisedRole {
  if (definition.script) return code(`\`${definition.script.from}\` runs code of the tree`);
  const [command] = commands;
  const word = command?.words[0];
  if (!command || word === undefined) return code('its command does not show what it runs');
  if (commands.length > 1) return code('it runs several programs, and not all of them reload themselves');
  const name = baseName(word);
  const program = place.program ?? (word.startsWith('/') ? word : null);
  if (isInterpreter(word, program ?? word)) return code(`\`${name}\` runs code of the tree`);
  if (program === null)
    return code(`\`${name}\` is not on PATH, so nothing shows that it lies outside the tree`);
  if (isWithin(place.root, program) || isWithin(place.workTree, program))
    return code(`\`${name}\` lies in the tree`);
  const argument =
    treeArgument(command, { ...place, directory: definition.workingDirectory }) ?? builds(command);
  if (argument !== null) return code(`\`${name}\` was given \`${argument}\`, which lies in the tree`);
  return { role: 'store', because: 'the program lies outside the tree and no argument lies inside' };
}

/** Containers are rebuilt from the tree only on request; otherwise a restart would bring back the same image. */
const builds = ({ words }: Command): string | null =>
  /^(?:docker|docker-compose|podman|podman-compose|nerdctl)$/.test(baseName(words[0] ?? ''))
    ? (words.find((word) => word === '--build' || word === 'build') ?? null)
    : null;

const code = (because: string): RecognisedRole => ({ role: 'code', because });
