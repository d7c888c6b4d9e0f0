/** Checks the marker: does every service of the running stack carry it, and does devenv.yaml let it through? */
import { relative } from 'node:path';
import { markerName } from '../../core/project.ts';
import type { Clean } from '../../supervisor/devenv/clean.ts';
import { readClean } from '../../supervisor/devenv/clean.ts';
import type { Found } from '../../supervisor/port.ts';
import type { Stack } from '../stack/open-stack.ts';
import type { Finding } from './check.ts';
import { fine, note, problem } from './check.ts';

/** Only for what upkeep started: what others start has no marker. */
export async function checkMarker(stack: Stack, found: Found): Promise<Finding> {
  const { root, backend } = stack.project;
  const clean = backend === 'devenv' ? await readClean(root) : null;
  const unkept = clean && !clean.keep.includes(markerName) ? clean : null;
  const without = await servicesWithout(stack, found);
  if (without.length > 0)
    return problem(
      `${without.join(', ')} ${without.length === 1 ? 'does' : 'do'} not carry ${markerName}: after a crash, nothing would prove whose they are`,
      unkept
        ? lineThatKeeps(unkept, root)
        : `let the command of ${without[0]} keep ${markerName} and descriptor 63: \`env -i\` and sudo drop them`,
    );
  if (unkept)
    return note(
      `\`clean\` is on in ${placeOf(unkept, root)} and drops ${markerName}; upkeep passes it on when it starts the stack itself, nobody else does`,
      lineThatKeeps(unkept, root),
    );
  return fine(clean ? `kept by ${placeOf(clean, root)}` : 'reaches every service');
}

/** Services with neither marker nor canary; one of them is enough. The supervisor tells their pids. */
async function servicesWithout(stack: Stack, found: Found): Promise<readonly string[]> {
  if (found.is !== 'running' || found.instance.owner !== 'upkeep') return [];
  const { server, endpoint } = found.instance;
  const states = await stack.supervisor.connect(endpoint).states();
  const bare = stack.members(server).filter(({ evidence }) => !evidence.some(isCarried));
  const pids = new Set(bare.map(({ row }) => row.pid));
  return (states.ok ? states.value : []).filter(({ pid }) => pids.has(pid ?? 0)).map(({ name }) => name);
}

const isCarried = (evidence: string): boolean => evidence === 'marker' || evidence === 'canary';

const placeOf = ({ file, line, column }: Clean, root: string): string =>
  `${relative(root, file)}:${line}:${column}`;

const lineThatKeeps = (clean: Clean, root: string): string =>
  `${placeOf(clean, root)}, below \`clean:\`: \`keep: [${[...clean.keep, markerName].join(', ')}]\``;
