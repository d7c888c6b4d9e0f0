/** The door to upkeep.yaml: the file becomes a Config, or the list of everything that is wrong in it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../core/config.ts';
import { defaultConfig } from '../core/config.ts';
import type { ConfigProblem } from '../core/failure.ts';
import type { Place } from '../core/positioned.ts';
import { entriesOf, valueAt } from '../core/positioned.ts';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { isAbsent, readRegularText, whyUnreadable } from '../io/read-regular.ts';

export const settingsFileName = 'upkeep.yaml';

export interface Settings {
  readonly config: Config;
  /** Absolute; null: there is none, all defaults. */
  readonly file: string | null;
  /** The position of each key of `services:`, for checkServiceNames. */
  readonly servicePlaces: ReadonlyMap<string, Place>;
}

/** What applies without a file, and for the verbs that must work despite a broken one (docs/configuration.md). */
export const defaultSettings: Settings = { config: defaultConfig, file: null, servicePlaces: new Map() };

/** Reads `root`/upkeep.yaml. No file: the defaults. Fails with `settings-invalid`, all problems at once. */
export async function readSettings(root: string): Promise<Result<Settings>> {
  const file = join(root, settingsFileName);
  let text: string;
  try {
    text = readRegularText(file);
  } catch (error) {
    if (!isAbsent(error, file)) return invalid([{ file, message: whyUnreadable(error, file) }]);
    const misnamed = join(root, 'upkeep.yml');
    if (!existsSync(misnamed)) return ok(defaultSettings);
    return invalid([
      { file: misnamed, message: 'this file is not read', hint: `rename it to ${settingsFileName}` },
    ]);
  }
  const [{ readYaml }, { settingsShape }] = await Promise.all([
    import('../io/yaml.ts'),
    import('./schema.ts'),
  ]);
  const { tree, problems: syntax } = await readYaml(text);
  const problems: ConfigProblem[] = syntax.map((problem) => ({ file, ...problem }));
  if (!tree) return problems.length > 0 ? invalid(problems) : ok({ ...defaultSettings, file });
  // After a syntax error everything is guesswork: further problems could name the wrong line.
  const complain = (place: Place, message: string, hint?: string): void => {
    if (!syntax.some(({ line }) => line <= place.line))
      problems.push({ file, ...place, message, ...(hint ? { hint } : {}) });
  };
  const config = settingsShape(tree, complain, '') ?? defaultConfig;
  if (problems.length > 0) return invalid(problems.toSorted(byPlace));
  const services = entriesOf(valueAt(tree, 'services'));
  return ok({ config, file, servicePlaces: new Map(services.map(({ key, place }) => [key, place])) });
}

const invalid = (problems: readonly ConfigProblem[]) => fail({ reason: 'settings-invalid', problems });

const byPlace = (a: ConfigProblem, b: ConfigProblem): number =>
  (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
