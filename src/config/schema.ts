/** Decides which keys and values upkeep.yaml may hold (docs/configuration.md), and turns them into a Config. */
import type { Config } from '../core/config.ts';
import { defaultConfig } from '../core/config.ts';
import { parseEndpoint } from '../core/endpoint.ts';
import { isNull } from '../core/positioned.ts';
import type { Shape } from '../core/shape.ts';
import { described, fields, listOf, oneOf, recordOf, scalar, text, wholeNumber } from '../core/shape.ts';
import { parseDuration } from './duration.ts';

const texts = listOf(text, 'a list of strings, such as ["."]');

const duration =
  (leastMs: number): Shape<number> =>
  (node, complain, name) => {
    if (isNull(node)) return undefined;
    const ms = node.kind === 'scalar' && typeof node.value === 'string' ? parseDuration(node.value) : null;
    if (ms !== null && ms >= leastMs) return ms;
    const plain = node.kind === 'scalar' && typeof node.value === 'number';
    const expected = leastMs > 0 && ms !== null ? `at least ${leastMs}ms` : 'a duration';
    complain(
      node.place,
      `\`${name}\`: expected ${expected}, found ${described(node)}`,
      plain ? `a unit is missing: write ${node.text}ms or ${node.text}s` : 'write it like 300ms, 8s or 10m',
    );
    return undefined;
  };

const endpoint = scalar('unix:/absolute/path or http://host:port', (value) =>
  typeof value === 'string' && parseEndpoint(value) ? value : undefined,
);

const service = fields({
  role: oneOf('code', 'self', 'store', 'task'),
  sources: texts,
  ports: listOf(wholeNumber(1, 65_535, 'a port, 1 to 65535'), 'a list of ports, such as [3000]'),
});

const settings = fields({
  backend: oneOf('auto', 'devenv', 'process-compose'),
  endpoint,
  scope: oneOf('full', 'smallest'),
  config: texts,
  sources: texts,
  ignore: texts,
  '+ignore': texts,
  services: recordOf(service),
  watch: fields({
    quiet: duration(1),
    cap: duration(1),
    engine: oneOf('auto', 'native', 'chokidar', 'poll'),
    poll: duration(50),
  }),
  stop: fields({ grace: duration(0) }),
  ready: fields({ timeout: duration(1), cap: duration(1) }),
  devenv: fields({ timeout: duration(1), profiles: listOf(text, 'a list of profiles, such as [backend]') }),
  hooks: fields({ checkout: oneOf('refresh', 'ring', 'off'), push: oneOf('warn', 'block', 'off') }),
});

/** Reads a whole file; what could not be read keeps its default, after a complaint. */
export const settingsShape: Shape<Config> = (node, complain) => {
  const read = settings(node, complain, '') ?? {};
  const { watch, stop, ready, devenv, hooks } = defaultConfig;
  return {
    backend: read.backend ?? defaultConfig.backend,
    endpoint: read.endpoint ?? defaultConfig.endpoint,
    scope: read.scope ?? defaultConfig.scope,
    config: read.config ?? defaultConfig.config,
    sources: read.sources ?? defaultConfig.sources,
    ignore: [...(read.ignore ?? defaultConfig.ignore), ...(read['+ignore'] ?? [])],
    services: read.services ?? defaultConfig.services,
    watch: {
      quietMs: read.watch?.quiet ?? watch.quietMs,
      capMs: read.watch?.cap ?? watch.capMs,
      engine: read.watch?.engine ?? watch.engine,
      pollMs: read.watch?.poll ?? watch.pollMs,
    },
    stop: { graceMs: read.stop?.grace ?? stop.graceMs },
    ready: { timeoutMs: read.ready?.timeout ?? ready.timeoutMs, capMs: read.ready?.cap ?? ready.capMs },
    devenv: {
      timeoutMs: read.devenv?.timeout ?? devenv.timeoutMs,
      profiles: read.devenv?.profiles ?? devenv.profiles,
    },
    hooks: { checkout: read.hooks?.checkout ?? hooks.checkout, push: read.hooks?.push ?? hooks.push },
  };
};
