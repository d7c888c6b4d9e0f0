import { describe, expect, it } from 'vitest';
import { readDefinition } from '../../../src/supervisor/process-compose/definition/read-definition.ts';
import type { WrittenFiles } from '../../rig/written-files.ts';
import { writtenFiles } from '../../rig/written-files.ts';

const main = 'process-compose.yaml';

async function definition(tree: WrittenFiles, names: readonly string[] = [main], env = {}) {
  const read = await readDefinition(names.map(tree.path), { root: tree.root, env });
  if (!read.ok) throw new Error(JSON.stringify(read.failure));
  return read.value;
}

async function servicesOf(text: string, more: Readonly<Record<string, string>> = {}, env = {}) {
  using tree = writtenFiles({ [main]: text, ...more });
  return (await definition(tree, [main], env)).services;
}

describe('the services of a process-compose file', () => {
  it('have everything that the project declares', async () => {
    using tree = writtenFiles({
      [main]: `
ordered_shutdown: true
processes:
  web:
    command: npm run dev
    working_dir: ./web
    depends_on:
      db: { condition: process_healthy }
      migrate: { condition: process_completed_successfully }
    readiness_probe:
      http_get: { host: 127.0.0.1, port: 3000, path: /health }
    availability: { restart: on_failure }
    shutdown: { timeout_seconds: 7, signal: 2, command: "echo bye" }
    success_exit_codes: [0, 130]
  db:
    entrypoint: [postgres, -D, "data dir", it's]
    readiness_probe: { exec: { command: pg_isready } }
    disabled: yes
  migrate:
    command: ./migrate
  log:
    command: x
    ready_log_line: listening on
    liveness_probe: { exec: { command: "true" } }
`,
      'web/package.json': '{"scripts":{"dev":"vite"}}',
    });
    const { services, orderedShutdown } = await definition(tree);
    expect(orderedShutdown).toBe(true);
    const plain = {
      workingDirectory: tree.root,
      dependsOn: [],
      awaitedToComplete: false,
      hasReadinessProbe: false,
      probe: null,
      ports: [],
      disabled: false,
      watchedByManager: false,
      restart: 'no',
      successExitCodes: [],
      shutdown: { command: null, timeoutMs: null, signal: 15 },
      script: null,
    };
    expect(services).toEqual([
      {
        ...plain,
        name: 'db',
        command: `postgres -D 'data dir' 'it'\\''s'`,
        hasReadinessProbe: true,
        probe: 'exec pg_isready',
        disabled: true,
      },
      { ...plain, name: 'log', command: 'x', hasReadinessProbe: true, probe: 'log line "listening on"' },
      { ...plain, name: 'migrate', command: './migrate', awaitedToComplete: true },
      {
        ...plain,
        name: 'web',
        command: 'npm run dev',
        workingDirectory: tree.path('web'),
        dependsOn: [
          { name: 'db', condition: 'process_healthy' },
          { name: 'migrate', condition: 'process_completed_successfully' },
        ],
        hasReadinessProbe: true,
        probe: 'GET http://127.0.0.1:3000/health',
        ports: [3000],
        restart: 'on_failure',
        successExitCodes: [0, 130],
        shutdown: { command: 'echo bye', timeoutMs: 7_000, signal: 2 },
        script: { from: 'npm run dev', text: 'vite' },
      },
    ]);
  });

  it('may be none, or have no keys', async () => {
    expect(await servicesOf('')).toEqual([]);
    expect(await servicesOf('processes:\n')).toEqual([]);
    expect(await servicesOf('processes:\n  a:\n')).toMatchObject([{ name: 'a', command: '' }]);
  });

  it('have the values of .env and the environment where the file says ${NAME}', async () => {
    const text = `
processes:
  a:
    command: serve $HOME \${DIR} $\${SHELLS_OWN} \${UNKNOWN}
    working_dir: \${DIR:-elsewhere}
    readiness_probe: { http_get: { port: "\${PORT}", path: "\${P:-/up}" } }
`;
    const [service] = await servicesOf(
      text,
      { '.env': '# x\nexport PORT="4000"\nDIR=from-file # comment\n' },
      { DIR: 'env', PORT: '1' },
    );
    expect(service).toMatchObject({
      command: 'serve $HOME from-file ${SHELLS_OWN} ${UNKNOWN}',
      ports: [4000],
      probe: 'GET http://127.0.0.1:4000/up',
    });
    expect(service?.workingDirectory.endsWith('/from-file')).toBe(true);
    const [unknown] = await servicesOf(text);
    expect(unknown).toMatchObject({ ports: [], hasReadinessProbe: true });
    expect(unknown?.workingDirectory.endsWith('/elsewhere')).toBe(true);
    const [literal] = await servicesOf(`disable_env_expansion: true${text}`, {}, { DIR: 'env' });
    expect(literal?.command).toContain('${DIR}');
  });

  it('have the values of vars where a template names them', async () => {
    const [service] = await servicesOf(
      'vars: { PORT: 5000, X: a }\nprocesses:\n  a: { command: "run {{.X}} {{ .Y }}", vars: { X: b }, readiness_probe: { http_get: { port: "{{.PORT}}" } } }\n',
    );
    expect(service).toMatchObject({ command: 'run b {{ .Y }}', ports: [5000] });
  });

  it('are as many as replicas are asked for, under the names that the server gives them', async () => {
    const services = await servicesOf(
      'processes:\n  a: { command: x, replicas: 10 }\n  b: { command: y, depends_on: { a: { condition: process_completed } } }\n',
    );
    expect(services.map(({ name }) => name)).toEqual([
      ...Array.from({ length: 10 }, (_, i) => `a-0${i}`),
      'b',
    ]);
    expect(services.at(-1)?.dependsOn).toHaveLength(10);
    expect(services[0]?.awaitedToComplete).toBe(true);
  });

  it('wait for the completion where a dependency names no condition, as process-compose does', async () => {
    const services = await servicesOf(
      'processes:\n  a: { command: x, depends_on: { b: {} } }\n  b: { command: y }\n',
    );
    expect(services.find(({ name }) => name === 'b')?.awaitedToComplete).toBe(true);
  });

  it('declare no port for a probe of another machine', async () => {
    const services = await servicesOf(
      'processes:\n  a: { command: x, readiness_probe: { http_get: { host: example.com, port: 80 } } }\n',
    );
    expect(services).toMatchObject([{ ports: [], probe: 'GET http://example.com:80/' }]);
  });

  it('are watched by their manager where they have a watch of their own', async () => {
    const services = await servicesOf(
      'processes:\n  a: { command: x, watch: { paths: [{ path: ./src }] } }\n',
    );
    expect(services).toMatchObject([{ watchedByManager: true }]);
  });

  it('take over what anchors, merge keys and process-level extends bring', async () => {
    const services = await servicesOf(`
x-base: &base { command: serve, disabled: true }
processes:
  a: { <<: *base, command: own }
  b: { extends: a, working_dir: sub }
`);
    expect(services).toMatchObject([
      { name: 'a', command: 'own', disabled: true },
      { name: 'b', command: 'own', disabled: true },
    ]);
  });
});

describe('several files', () => {
  it('merge: the override wins, lists grow, environments merge by name', async () => {
    using tree = writtenFiles({
      [main]:
        'processes:\n  a: { command: one, environment: [X=1, Y=1] }\n  b: { command: two, disabled: true }\n',
      'process-compose.override.yaml':
        'processes:\n  a: { command: three, environment: [Y=2] }\n  b: { disabled: false, working_dir: sub }\n  c: { command: four }\n',
    });
    const { services } = await definition(tree, [main, 'process-compose.override.yaml']);
    expect(services.map(({ name, command, disabled }) => [name, command, disabled])).toEqual([
      ['a', 'three', false],
      ['b', 'two', true], // an empty value overrides nothing
      ['c', 'four', false],
    ]);
    expect(services[1]?.workingDirectory).toBe(tree.path('sub'));
  });

  it('extend one another relative to the file, and what is extended runs where its file is', async () => {
    using tree = writtenFiles({
      'sub/pc.yaml': 'extends: ../base/pc.yaml\nprocesses:\n  a: { command: own }\n',
      'base/pc.yaml':
        'extends: deep.yaml\nprocesses:\n  a: { command: base }\n  b: { command: base, working_dir: x }\n',
      'base/deep.yaml': 'processes:\n  d: { command: deep }\n',
    });
    const { services, inputs } = await definition(tree, ['sub/pc.yaml']);
    expect(services.map(({ name, command, workingDirectory }) => [name, command, workingDirectory])).toEqual([
      ['a', 'own', tree.path('base')],
      ['b', 'base', tree.path('base/x')],
      ['d', 'deep', tree.path('base')],
    ]);
    expect(inputs).toEqual(
      expect.arrayContaining([
        tree.path('sub/pc.yaml'),
        tree.path('base/pc.yaml'),
        tree.path('base/deep.yaml'),
      ]),
    );
  });
});

describe('the inputs of a definition', () => {
  it('include the missing ones that would count', async () => {
    using tree = writtenFiles({
      [main]: 'processes:\n  a: { command: x, env_file: [a.env, b.env] }\n',
      'b.env': '',
    });
    const { inputs } = await definition(tree);
    for (const name of [
      main,
      'process-compose.override.yaml',
      'process-compose.override.yml',
      '.env',
      '.pc_env',
      'a.env',
      'b.env',
    ]) {
      expect(inputs).toContain(tree.path(name));
    }
    expect(new Set(inputs).size).toBe(inputs.length);
  });
});

describe('the fingerprint', () => {
  const before = 'x-note: 1\nprocesses:\n  a: { command: x, environment: [A=1, B=2] }\n  b: { command: y }\n';
  const changed = async (
    change: (tree: WrittenFiles) => void,
    start: Record<string, string> = { [main]: before },
  ) => {
    using tree = writtenFiles(start);
    const first = await definition(tree);
    change(tree);
    return (await definition(tree)).fingerprint !== first.fingerprint;
  };

  it.each<[string, string]>([
    ['comments', `# hello\n${before}# bye\n`],
    [
      'layout and quotes',
      'processes:\n  "a":\n    command: "x"\n    environment:\n      - A=1\n      - "B=2"\n\n  b: {command: y}\n',
    ],
    ['the order of keys', 'processes:\n  b: { command: y }\n  a: { environment: [A=1, B=2], command: x }\n'],
    ['x- keys', before.replace('x-note: 1', 'x-note: 2')],
    [
      'an anchor for the same value',
      'x-c: &c x\nprocesses:\n  a: { command: *c, environment: [A=1, B=2] }\n  b: { command: y }\n',
    ],
  ])('does not change with %s', async (_, text) => {
    expect(await changed((tree) => tree.write({ [main]: text }))).toBe(false);
  });

  it.each<[string, string]>([
    ['a command', before.replace('command: x', 'command: z')],
    ['an environment', before.replace('B=2', 'B=3')],
    ['a new service', `${before}  c: { command: z }\n`],
    ['a project setting', `${before}ordered_shutdown: true\n`],
    ['a number that becomes a text', before.replace('command: y', 'command: y, replicas: 2')],
  ])('changes with %s', async (_, text) => {
    expect(await changed((tree) => tree.write({ [main]: text }))).toBe(true);
  });

  it('changes with the contents of .env and of named env files, also when they appear', async () => {
    expect(await changed((tree) => tree.write({ '.env': 'A=1' }))).toBe(true);
    const withFile = { [main]: 'processes: { a: { command: x, env_file: my.env } }', 'my.env': 'A=1' };
    expect(await changed((tree) => tree.write({ 'my.env': 'A=2' }), withFile)).toBe(true);
    expect(await changed((tree) => tree.remove('my.env'), withFile)).toBe(true);
    expect(await changed((tree) => tree.write({ 'other.env': 'A=2' }), withFile)).toBe(false);
  });

  it('does not depend on the environment or on where the project lies', async () => {
    using one = writtenFiles({ [main]: before, '.env': 'A=1' });
    using two = writtenFiles({ [main]: before, '.env': 'A=1' });
    const [a, b] = [await definition(one, [main], { A: '1' }), await definition(two)];
    expect(a.fingerprint).toBe(b.fingerprint);
  });
});

describe('files that cannot be read', () => {
  const failureOf = async (files: Record<string, string>, names = [main]) => {
    using tree = writtenFiles(files);
    const read = await readDefinition(names.map(tree.path), { root: tree.root });
    if (read.ok || read.failure.reason !== 'stack-config-bad') throw new Error('expected a failure');
    return read.failure.problems.map((problem) => ({
      ...problem,
      file: problem.file.slice(tree.root.length + 1),
    }));
  };

  it('are told by name, with the place of a syntax error', async () => {
    expect(await failureOf({ [main]: 'processes:\n  a: [x\n' })).toMatchObject([{ file: main, line: 3 }]);
    expect(await failureOf({})).toEqual([{ file: main, message: 'does not exist' }]);
    expect(await failureOf({ [`${main}/a`]: '' })).toEqual([{ file: main, message: 'is a directory' }]);
    expect(await failureOf({}, [])).toMatchObject([{ message: 'there is no process-compose file here' }]);
  });

  it('are told at the extends that names them', async () => {
    const [problem] = await failureOf({ [main]: '\nextends: nope.yaml\n' });
    expect(problem).toMatchObject({ file: main, line: 2, column: 10 });
    expect(problem?.message).toMatch(/^extends .*nope\.yaml, which does not exist$/);
  });

  it('end a circle of extends', async () => {
    const [problem] = await failureOf({
      [main]: 'extends: b.yaml\n',
      'b.yaml': 'extends: process-compose.yaml\n',
    });
    expect(problem).toMatchObject({
      file: 'b.yaml',
      line: 1,
      message: expect.stringMatching(/is loaded already$/),
    });
  });
});
