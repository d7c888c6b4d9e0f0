/** Caches what files were parsed to: reading YAML takes longer than all the rest of `upkeep status`. */
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sha256 } from '../../../io/hash.ts';
import type { PlainProject } from './project.ts';
import { readRegularText } from '../../../io/read-regular.ts';
import { discard } from '../../../io/discard.ts';

export interface KeptProject {
  readonly project: PlainProject;
  /** Every file that was read for it, absolute, with the sha256 of its text. */
  readonly read: readonly (readonly [path: string, sha256: string])[];
}

interface Header {
  readonly schema: 1;
  /** The build of upkeep: another one may parse differently. */
  readonly writer: string;
  /** The files that were asked for, before what they extend. */
  readonly files: readonly string[];
  readonly read: KeptProject['read'];
  /** sha256 of the rest of the file: a truncated or edited file is ignored. */
  readonly sum: string;
}

/** null unless every file still has the text that was parsed. Never throws: losing a cache only costs time. */
export function readKeptProject(path: string, files: readonly string[]): KeptProject | null {
  try {
    const text = readFileSync(path, 'utf8');
    const end = text.indexOf('\n');
    const header = JSON.parse(text.slice(0, end)) as Header;
    const body = text.slice(end + 1);
    const ours = header.schema === 1 && header.writer === writer() && String(header.files) === String(files);
    if (!ours || header.sum !== sha256(body)) return null;
    if (header.read.some(([file, was]) => sha256(readRegularText(file)) !== was)) return null;
    return { project: JSON.parse(body) as PlainProject, read: header.read };
  } catch {
    return null;
  }
}

/** Only if the state directory exists: reading a configuration must not create one. Never throws. */
export function keepProject(path: string, files: readonly string[], kept: KeptProject): void {
  if (!existsSync(dirname(path))) return;
  const draft = `${path}.${process.pid}.tmp`;
  try {
    const body = JSON.stringify(kept.project, asItIs);
    const header: Header = { schema: 1, writer: writer(), files, read: kept.read, sum: sha256(body) };
    writeFileSync(draft, `${JSON.stringify(header)}\n${body}`, { mode: 0o600 });
    renameSync(draft, path);
  } catch {
    discard(draft);
  }
}

/** `.inf` and the like cannot be written as JSON: such a project is parsed each time. */
function asItIs(_: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${value} is not for JSON`);
  return value;
}

/** The file that this code lies in; npm gives every file the same time, so its size counts as well. */
function writer(): string {
  const { size, mtimeMs } = statSync(import.meta.filename);
  return `${size} ${mtimeMs}`;
}
