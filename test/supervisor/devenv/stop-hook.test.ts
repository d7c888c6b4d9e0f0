import { describe, expect, it } from 'vitest';
import { hasAfter } from '../../../src/supervisor/devenv/server.ts';

const script = (after: string, end = ''): string => `#!/nix/store/abc-bash/bin/bash
/nix/store/abc-pc/bin/process-compose --config /nix/store/abc.yaml up "$@" &

backgroundPID=$!

down() {
  echo "Stopping processes..."
  kill -TERM $backgroundPID
  wait $backgroundPID
${after}
  echo "Processes stopped."
${end}}

trap down SIGINT SIGTERM

wait
`;

describe('process.manager.after', () => {
  it.each([
    ['', '', false],
    ['  # nothing', '', false],
    ['', '  rm -rf /run/devenv-1\n', false],
    ['  sudo hostctl remove domains x', '', true],
    ['hostctl remove x\n\n# and\ntrue', '', true],
  ])('is seen between the end of the server and the end of the script: %j', (after, end, is) => {
    expect(hasAfter(script(after, end))).toBe(is);
  });
});
