/** Removes what precedes a program without being the service: `exec`, `env A=b`, `npx`, `poetry run`, `nix develop -c` … */
import { baseName } from './paths.ts';

interface Wrapper {
  /** Words that must follow the program: `run` of `poetry run`. */
  readonly verbs?: readonly string[];
  /** Options that take the next word. */
  readonly takes?: RegExp;
  /** Words after the options that are not the program: the duration of `timeout 5 node x`. */
  readonly skip?: number;
  /** The program comes only after this word: `direnv exec . node`, `nix develop -c node`. */
  readonly after?: RegExp;
}

const any = {};
const dashes = { after: /^--$/ };
const run = { verbs: ['run'] };

/** Several entries per program: the first that fits counts. */
const wrappers: Readonly<Record<string, readonly Wrapper[]>> = {
  exec: [{ takes: /^-a$/ }],
  env: [{ takes: /^(?:-[uCS]|--unset|--chdir)$/ }],
  command: [any],
  builtin: [any],
  nohup: [any],
  setsid: [any],
  time: [any],
  nice: [{ takes: /^-n$/ }],
  ionice: [{ takes: /^-[cn]$/ }],
  chrt: [{ skip: 1 }],
  taskset: [{ skip: 1 }],
  stdbuf: [{ takes: /^-[ioe]$/ }],
  unbuffer: [any],
  timeout: [{ takes: /^-[ks]$/, skip: 1 }],
  tini: [any],
  'dumb-init': [any],
  catatonit: [any],
  gosu: [{ skip: 1 }],
  'su-exec': [{ skip: 1 }],
  sudo: [{ takes: /^-[ugCpRT]$/ }],
  doas: [{ takes: /^-u$/ }],
  'cross-env': [any],
  'cross-env-shell': [any],
  dotenv: [{ takes: /^-[efvpc]$/ }],
  dotenvx: [{ verbs: ['run'], takes: /^-[fe]$/ }],
  'env-cmd': [{ takes: /^-[fer]$/ }],
  direnv: [{ verbs: ['exec'], skip: 1 }],
  nix: [
    { verbs: ['develop'], after: /^(?:-c|--command)$/ },
    { verbs: ['shell'], after: /^(?:-c|--command)$/ },
  ],
  devenv: [{ verbs: ['shell'], after: /^--$/ }, { verbs: ['shell'] }],
  mise: [
    { verbs: ['exec'], after: /^--$/ },
    { verbs: ['x'], after: /^--$/ },
  ],
  asdf: [{ verbs: ['exec'] }],
  op: [{ verbs: ['run'], after: /^--$/ }],
  doppler: [{ verbs: ['run'], after: /^--$/ }],
  infisical: [{ verbs: ['run'], after: /^--$/ }],
  'aws-vault': [{ verbs: ['exec'], ...dashes }],
  poetry: [run],
  uv: [
    {
      verbs: ['run'],
      takes:
        /^(?:--with|--extra|--group|--python|-p|--env-file|--project|--directory|--package|--only-group|--index|--with-requirements|--with-editable)$/,
    },
  ],
  uvx: [any],
  pipenv: [run],
  pdm: [run],
  rye: [run],
  pixi: [run],
  hatch: [run],
  conda: [{ verbs: ['run'], takes: /^(?:-n|-p|--name|--prefix)$/ }],
  bundle: [{ verbs: ['exec'] }],
  npx: [{ takes: /^(?:-p|--package|-w|--workspace)$/ }],
  bunx: [any],
  pnpx: [any],
  npm: [
    { verbs: ['exec'], takes: /^(?:-p|--package|-w|--workspace)$/ },
    { verbs: ['x'], takes: /^(?:-p|--package)$/ },
  ],
  pnpm: [
    { verbs: ['exec'], takes: /^(?:-C|--dir|-F|--filter)$/ },
    { verbs: ['dlx'], takes: /^--package$/ },
  ],
  yarn: [{ verbs: ['exec'] }, { verbs: ['dlx'], takes: /^-p$/ }],
  bun: [{ verbs: ['x'] }],
};

export interface Unwrapped {
  readonly words: readonly string[];
  readonly assignments: Readonly<Record<string, string>>;
}

/** Empty words: assignments only, or a wrapper without a program. */
export function unwrap(given: readonly string[]): Unwrapped {
  const assignments: Record<string, string> = {};
  let words = given;
  for (let round = 0; round < 16; round += 1) {
    const assigned = /^([A-Za-z_]\w*)=(.*)$/s.exec(words[0] ?? '');
    if (assigned?.[1] !== undefined) {
      assignments[assigned[1]] = assigned[2] ?? '';
      words = words.slice(1);
      continue;
    }
    if (round > 0 && words[0] === '--') {
      words = words.slice(1);
      continue;
    }
    const name = baseName(words[0] ?? '');
    const inner = Object.hasOwn(wrappers, name) ? firstFit(wrappers[name] ?? [], words) : null;
    if (inner === null) break;
    words = inner;
  }
  return { words, assignments };
}

function firstFit(candidates: readonly Wrapper[], words: readonly string[]): readonly string[] | null {
  for (const wrapper of candidates) {
    const inner = peel(wrapper, words);
    if (inner !== null && inner.length > 0) return inner;
  }
  return null;
}

function peel(wrapper: Wrapper, words: readonly string[]): readonly string[] | null {
  let at = 1;
  for (const expected of wrapper.verbs ?? []) {
    if (words[at] !== expected) return null;
    at += 1;
  }
  if (wrapper.after) {
    const marker = words.findIndex((word, index) => index >= at && wrapper.after?.test(word));
    return marker === -1 ? null : words.slice(marker + 1);
  }
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') {
      at += 1;
      break;
    }
    if (!word.startsWith('-') || word === '-') break;
    if (wrapper.takes?.test(word)) at += 1;
  }
  return words.slice(at + (wrapper.skip ?? 0));
}
