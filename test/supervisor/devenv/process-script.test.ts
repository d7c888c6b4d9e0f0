import { describe, expect, it } from 'vitest';
import { readProcessScript } from '../../../src/supervisor/devenv/process-script.ts';

const store = '/nix/store/abc';

const attach = `if timeout 1 ${store}-socat/bin/socat - UNIX-CONNECT:"$PC_SOCKET_PATH" </dev/null >/dev/null 2>&1; then
  echo "Attaching to existing process-compose server at $PC_SOCKET_PATH" >&2
  exec ${store}-pc/bin/process-compose --unix-socket "$PC_SOCKET_PATH" attach "$@"
fi
`;

const trap = `backgroundPID=$!
down() {
  echo "Stopping processes..."
  kill -TERM $backgroundPID
}
trap down SIGINT SIGTERM
wait
`;

const script = (command: string, before = ''): string =>
  `#!${store}-bash/bin/bash\n${before}${command}\n${trap}`;

describe('the generated script', () => {
  it.each([
    [
      '1.0',
      script(
        `${store}-pc/bin/process-compose --config ${store}.yaml --unix-socket \${PC_SOCKET_PATH:-/tmp/devenv-1/pc.sock} --tui=\${PC_TUI_ENABLED:-true} -U up "$@" &`,
      ),
      false,
    ],
    [
      '1.4',
      script(
        `${store}-pc/bin/process-compose \\\n  --config ${store}.yaml \\\n  --disable-dotenv \\\n  --keep-project \\\n  --unix-socket /tmp/devenv-1/pc.sock \\\n  -t="\${PC_TUI_ENABLED:-true}" up "$@" &`,
      ),
      true,
    ],
    [
      '1.11',
      script(
        `${store}-pc/bin/process-compose \\\n  --config ${store}.yaml --disable-dotenv --keep-project --unix-socket /tmp/devenv-1/pc.sock -t="\${PC_TUI_ENABLED:-true}" \\\n  up "$@" &`,
        attach,
      ),
      true,
    ],
    [
      '2.2',
      script(
        `${store}-pc/bin/process-compose \\\n  '--config=${store}.yaml' \\\n  --disable-dotenv \\\n  --keep-project \\\n  '--unix-socket=/tmp/devenv-1/pc.sock' \\\n  -t="\${PC_TUI_ENABLED:-true}" \\\n  up "$@" &`,
        attach,
      ),
      true,
    ],
  ])('of %s tells binary, YAML, socket and flags', (_, text, keepsProject) => {
    expect(readProcessScript(text, {})).toEqual({
      binary: `${store}-pc/bin/process-compose`,
      configFile: `${store}.yaml`,
      endpoint: { kind: 'unix', path: '/tmp/devenv-1/pc.sock' },
      keepsProject,
    });
  });

  it('may listen on a port', () => {
    const text = script(`process-compose --config ${store}.yaml --port 9999 -t=true up "$@" &`);
    const tcp = { kind: 'tcp', host: 'localhost', port: 9_999 };
    expect(readProcessScript(text, {})?.endpoint).toEqual(tcp);
    expect(readProcessScript(text, { PC_SOCKET_PATH: '' })?.endpoint).toEqual(tcp);
    const named = readProcessScript(text, { PC_SOCKET_PATH: '/x/pc.sock' });
    expect(named?.endpoint).toEqual({ kind: 'unix', path: '/x/pc.sock' });
  });

  it('has its variables filled in', () => {
    const text = script(`process-compose --config "$CONF" --unix-socket "\${DEVENV_RUNTIME}/pc.sock" up &`);
    expect(readProcessScript(text, { CONF: '/c.yaml', DEVENV_RUNTIME: '/run/d' })).toMatchObject({
      configFile: '/c.yaml',
      endpoint: { path: '/run/d/pc.sock' },
    });
  });

  it('is none where another manager runs the processes', () => {
    expect(readProcessScript(script(`${store}-overmind/bin/overmind start &`), {})).toBeNull();
    expect(readProcessScript(attach, {})).toBeNull();
    expect(readProcessScript('', {})).toBeNull();
  });
});
