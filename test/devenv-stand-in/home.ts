/** The directory that makes the stand-in a program: the link to it, its settings, its store and its record of calls. */
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { CallRecord, StandInSettings } from './settings.ts';

/** First on PATH, it is devenv. */
export class StandInHome {
  readonly bin = realpathSync(mkdtempSync('/tmp/uk-'));
  #settings: StandInSettings;

  /** `compiled`: main.ts and all that it imports as one file, for who calls it a thousand times. */
  constructor(settings: StandInSettings, compiled?: string) {
    symlinkSync(join(import.meta.dirname, 'devenv'), join(this.bin, 'devenv'));
    if (compiled !== undefined) symlinkSync(compiled, join(this.bin, 'main.cjs'));
    symlinkSync(process.execPath, join(this.bin, 'node'));
    this.#settings = settings;
    this.configure({});
  }

  /** From now on, for every call, whoever makes it. */
  configure(settings: StandInSettings): void {
    this.#settings = { ...this.#settings, ...settings };
    // Whole for whoever reads it meanwhile.
    const path = join(this.bin, 'settings.json');
    writeFileSync(`${path}.new`, JSON.stringify(this.#settings));
    renameSync(`${path}.new`, path);
  }

  get records(): readonly CallRecord[] {
    const path = join(this.bin, 'calls.jsonl');
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    // The last one may be half written.
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as CallRecord);
  }

  /** Every call so far, its words. */
  get calls(): readonly string[] {
    return this.records.flatMap((one) => ('argv' in one ? [one.argv.join(' ')] : []));
  }

  /** Every evaluation that no cache saved. */
  get evaluations(): readonly string[] {
    return this.records.flatMap((one) => ('evaluated' in one ? [one.evaluated] : []));
  }

  remove(): void {
    rmSync(this.bin, { recursive: true, force: true });
  }
}
