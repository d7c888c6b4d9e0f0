import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastingCommands } from '../../src/core/command-line.ts';
import { shellTokens } from '../../src/core/shell-words.ts';

const words = (text: string): readonly string[] => shellTokens(text).map((token) => token.text);
const lasting = (text: string): readonly string[] =>
  lastingCommands(text).map((command) => command.words.join(' '));

describe('words of a shell text', () => {
  it.each<[string, string[]]>([
    ['node server.js', ['node', 'server.js']],
    [`echo 'a b' "c d" e\\ f`, ['echo', 'a b', 'c d', 'e f']],
    [`echo "say \\"hi\\" to $USER"`, ['echo', 'say "hi" to $USER']],
    ['a && b || c; d | e & f', ['a', '&&', 'b', '||', 'c', ';', 'd', '|', 'e', '&', 'f']],
    ['node x >log 2>&1 <in', ['node', 'x']],
    ['node x &> log', ['node', 'x']],
    ['node x >> "my log" --flag', ['node', 'x', '--flag']],
    ['a # a comment\nb', ['a', ';', 'b']],
    ['a b#c', ['a', 'b#c']],
    ['echo $(date "+%H") ${A:-b c} `ls -l`', ['echo', '$(date "+%H")', '${A:-b c}', '`ls -l`']],
    ['one \\\n  two', ['one', 'two']],
    ['cat <<EOF\nvite\nEOF\nnode x', ['cat', ';', ';', 'node', 'x']],
    ["cat <<-'END' > f\n  vite\n  END\nnode x", ['cat', ';', ';', 'node', 'x']],
    ["echo 'unclosed", ['echo', 'unclosed']],
    ['', []],
  ])('%s', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it('ends for every text and loses no plain word', () => {
    fc.assert(
      fc.property(fc.string(), (text) => void lastingCommands(text)),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z0-9./_-]+$/), { minLength: 1 }), (plain) => {
        expect(words(plain.join(' '))).toEqual(plain);
      }),
    );
  });

  it('gives back what was put into single quotes', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(words(`x '${text.replaceAll("'", `'\\''`)}'`)).toEqual(['x', text]);
      }),
    );
  });
});

describe('programs that a command line leaves running', () => {
  it.each<[string, string[]]>([
    ['node server.js', ['node server.js']],
    ['exec node server.js', ['node server.js']],
    ['PORT=3000 HOST="::" exec -a web node server.js', ['node server.js']],
    ['env -u FOO A=b -- node server.js', ['node server.js']],
    ['cd api && npm ci && exec node server.js', ['node server.js']],
    ['mkdir -p data; postgres -D data', ['postgres -D data']],
    ['while ! nc -z localhost 5432; do sleep 1; done; vite', ['vite']],
    ['node x.js | pino-pretty', ['node x.js']],
    ['node x.js 2>&1 | tee log', ['node x.js']],
    ['find src | entr -r node x.js', ['entr -r node x.js']],
    ['tailwindcss --watch & vite & wait', ['tailwindcss --watch', 'vite']],
    ['(cd web && vite) & (cd api && node x) & wait', ['vite', 'node x']],
    ['if [ -n "$DEV" ]; then vite; else node dist/x.js; fi', ['vite', 'node dist/x.js']],
    ['if [ ! -d node_modules ]; then npm ci; fi; vite', ['vite']],
    ['case $X in a) vite ;; *) node x ;; esac', ['vite', 'node x']],
    ["bash -c 'vite --port 3000'", ['vite --port 3000']],
    [`sh -euc "cd web; exec vite"`, ['vite']],
    ["bash -o pipefail -c 'node x | tee y'", ['node x']],
    ['timeout 60 nice -n 5 node x', ['node x']],
    ['poetry run uvicorn app:app --reload', ['uvicorn app:app --reload']],
    ['npx --yes vite --host', ['vite --host']],
    ['pnpm exec vite', ['vite']],
    ['nix develop .#ci -c node x.js', ['node x.js']],
    ['direnv exec . bundle exec rails s', ['rails s']],
    ['trap "echo bye" EXIT; redis-server', ['redis-server']],
    ['echo only words', []],
    ['', []],
  ])('%s', (text, expected) => {
    expect(lasting(text)).toEqual(expected);
  });

  it('tells the directory that a cd leads to', () => {
    const directory = (text: string) => lastingCommands(text)[0]?.directory;
    expect(directory('cd api && npm run dev')).toBe('api');
    expect(directory('cd ./api; cd web; vite')).toBe('api/web');
    expect(directory('cd /srv && vite')).toBe('/srv');
    expect(directory('cd "$(dirname "$0")" && vite')).toBeNull();
    expect(directory(`cd api && sh -c 'cd web && vite'`)).toBe('api/web');
    expect(directory('vite')).toBe('.');
  });

  it('keeps the assignments that reach the program', () => {
    expect(lastingCommands('FLASK_DEBUG=1 env A=b flask run')[0]?.assignments).toEqual({
      FLASK_DEBUG: '1',
      A: 'b',
    });
  });
});
