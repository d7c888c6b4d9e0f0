/** Links under `.devenv/gc`, moved at once, and only after a success. */
import {
  existsSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Found, Session } from './session.ts';

export function moveLink(path: string, target: string): void {
  const temporary = `${path}.${process.pid}.new`;
  rmSync(temporary, { force: true });
  symlinkSync(target, temporary);
  renameSync(temporary, path);
}

/** `gc/procfilescript`, or with the attribute in its name. */
export function linkAttribute(
  session: Session,
  attribute: 'procfileScript' | 'task.config',
  target: string,
): void {
  const dashed = attribute.replace('.', '-');
  const name = session.settings.cli.attributeLinks
    ? `${dashed.toLowerCase()}-devenv-config-${dashed}`
    : dashed.toLowerCase();
  moveLink(join(session.project.gc, name), target);
}

/** `gc/shell`: in 1.x through a generation (`shell-3-link`), which a new content gets. */
export function linkShell(session: Session, target: string, evaluation: Found): void {
  const { gc, dotfile } = session.project;
  if (session.settings.cli.flakeFiles && evaluation.cached) {
    // Nix was not called: the link is as old as the last evaluation.
  } else if (session.settings.cli.flakeFiles) {
    const generations = readdirSync(gc).flatMap((name) => Number(/^shell-(\d+)-link$/.exec(name)?.[1] ?? []));
    const last = Math.max(0, ...generations);
    const same = last > 0 && readlinkSync(join(gc, `shell-${last}-link`)) === target;
    const name = `shell-${same ? last : last + 1}-link`;
    if (!same) moveLink(join(gc, name), target);
    moveLink(join(gc, 'shell'), name);
    const superseded = generations.filter((n) => n > 0 && (n < last || !same));
    for (const old of superseded) rmSync(join(gc, `shell-${old}-link`));
  } else moveLink(join(gc, 'shell'), target);
  if (!session.settings.cli.evalCache) return;
  const list = session.flags.cache ? session.inputs(evaluation).join('\n') : '';
  const file = join(dotfile, 'input-paths.txt');
  if (!existsSync(file) || readFileSync(file, 'utf8') !== list) writeFileSync(file, list);
}
