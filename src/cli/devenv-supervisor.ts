/** Composes the supervisor of a devenv project: its two managers, and one evaluation for both. */
import { baseName } from '../core/paths.ts';
import type { Environment } from '../core/environment.ts';
import type { InstanceRecord } from '../processes/ledger.ts';
import { parseEndpoint } from '../core/endpoint.ts';
import type { ByManager } from '../supervisor/by-manager.ts';
import { byManager } from '../supervisor/by-manager.ts';
import type { DevenvSetting } from '../supervisor/devenv/adapter.ts';
import { devenv } from '../supervisor/devenv/adapter.ts';
import { managerOf } from '../supervisor/devenv-evaluation/manager.ts';
import { builtShell, readText } from '../supervisor/devenv-evaluation/places.ts';
import { dotfileIn, withProfiles } from '../supervisor/devenv-evaluation/profiles.ts';
import { shellEnvironment } from '../supervisor/devenv-evaluation/shell-environment.ts';
import { devenvNative } from '../supervisor/devenv-native/adapter.ts';
import { isNativeEndpoint } from '../supervisor/devenv-native/places.ts';
import { prepareNative } from '../supervisor/devenv-native/prepare.ts';
import type { Supervisor } from '../supervisor/port.ts';

export function devenvSupervisor(setting: Omit<DevenvSetting, 'native'>): Supervisor {
  const { project } = setting;
  const recordsOf = (native: boolean) => (): readonly InstanceRecord[] =>
    setting.records().filter(({ endpoint }) => {
      const parsed = parseEndpoint(endpoint);
      return (parsed !== null && isNativeEndpoint(parsed)) === native;
    });
  // By store path: its contents never change.
  let known: { readonly shell: string; readonly manager: Supervisor['manager'] } | null = null;
  // What the native manager started shows its profiles in how devenv was called.
  const profiled = (env: Environment, like: readonly string[] | null): Environment => {
    const called = like?.some((word) => /^\.?devenv/.test(baseName(word))) ? like.join(' ') : null;
    const asCalled = called === null ? env : { ...env, DEVENV_ROOT: project.root, DEVENV_CMDLINE: called };
    return withProfiles(asCalled, project.root, setting.profiles);
  };
  const wanted: ByManager['wanted'] = (env = setting.env, like = null) => {
    const dotfile = dotfileIn(profiled(env, like), project.root);
    const shell = builtShell(project.root, dotfile)?.path ?? '';
    if (known?.shell === shell) return known.manager;
    const manager = managerOf(shellEnvironment(readText(shell) ?? ''));
    known = { shell, manager: manager === 'other' ? 'native' : manager };
    return known.manager;
  };
  const compose = devenv({ ...setting, records: recordsOf(false), native: prepareNative(setting) });
  return byManager({
    compose: {
      ...compose,
      prepare: (request) => compose.prepare({ ...request, env: profiled(request.env, request.like) }),
      lastGood: async (request, instance) =>
        compose.lastGood?.({ ...request, env: profiled(request.env, request.like) }, instance) ?? null,
    },
    native: devenvNative({
      ...setting,
      records: recordsOf(true),
      profiled,
      self: [process.execPath, process.argv[1] ?? 'upkeep'],
    }),
    wanted,
    isNative: isNativeEndpoint,
    isPreparedForNative: (prepared) => 'runtime' in prepared,
  });
}
