import { describe, expect, it } from 'vitest';
import { mainProgram, recogniseRole } from '../../src/core/roles.ts';
import type { ServiceDefinition } from '../../src/core/service.ts';

const root = '/home/me/shop';

const service = (command: string, more: Partial<ServiceDefinition> = {}): ServiceDefinition => ({
  name: 'web',
  command,
  workingDirectory: root,
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
  ...more,
});

/** Programs with a slash are where they say; anything else is a system program. */
const placeOf = (definition: ServiceDefinition) => {
  const program = mainProgram(definition);
  const found =
    program === null
      ? null
      : program.startsWith('/')
        ? program
        : program.includes('/')
          ? `${root}/${program}`
          : `/usr/bin/${program}`;
  return { root, workTree: root, program: found };
};

const roleOf = (command: string, script: string | null = null) => {
  const definition = service(command, {
    script: script === null ? null : { from: fromOf(command), text: script },
  });
  return recogniseRole(definition, undefined, placeOf(definition));
};

/** What launcher-script.ts would write there for these commands. */
function fromOf(command: string): string {
  const [first = '', second = ''] = command
    .replace(/^.*&& /, '')
    .replace(/ --( .*)?$/, '')
    .split(' ');
  return /^(?:npm|pnpm|yarn|bun|just)$/.test(first)
    ? command.replace(/^.*&& /, '').replace(/ --( .*)?$/, '')
    : (second || first).replace(/^.*\//, '');
}

describe('a service whose command reloads itself', () => {
  it.each([
    'vite',
    'vite dev --port 3000 --host',
    'vite --port 3000',
    'vite build --watch',
    'npx vite',
    'pnpm vite --port 3000',
    'yarn vite',
    'bunx vite',
    './node_modules/.bin/vite',
    'exec vite --strictPort',
    'FOO=bar exec vite',
    'next dev -p 3001',
    'npx next dev --turbo',
    'nuxt dev',
    'astro dev',
    'ng serve --port 4200',
    'react-scripts start',
    'nodemon server.js',
    'npx nodemon --exec "node x.js"',
    'tsx watch src/server.ts',
    'node --watch server.mjs',
    'node --import tsx --watch-path=./src server.ts',
    'exec env PORT=1 node --env-file=.env --watch server.mjs',
    'bun --hot server.ts',
    'bun run --watch index.ts',
    'deno run -A --watch main.ts',
    'air',
    'air -c .air.toml',
    'reflex -r "\\.go$" -- go run .',
    'cargo watch -x run',
    'cargo leptos watch',
    'cargo +nightly watch -x run',
    'bacon run',
    'trunk serve',
    'watchexec -r -e py -- python app.py',
    'find . -name "*.py" | entr -r python app.py',
    'mix phx.server',
    'iex -S mix phx.server',
    'python manage.py runserver 0.0.0.0:8000',
    'python3 -u ./manage.py runserver',
    'poetry run python manage.py runserver',
    'uv run manage.py runserver',
    './manage.py runserver',
    'flask --app hello run --debug',
    'flask --debug run',
    'FLASK_DEBUG=1 flask run',
    'python -m flask --debug run',
    'uvicorn app:app --reload',
    'poetry run uvicorn app:app --reload --port 8000',
    'uv run --with uvicorn uvicorn app:app --reload',
    'python -m uvicorn app:app --reload',
    'fastapi dev main.py',
    'gunicorn --reload -b :8000 app:app',
    'gunicorn app:app --reload-engine=poll --reload',
    'rails server',
    'bin/rails server -p 3000',
    'bundle exec rails s -b 0.0.0.0',
    'webpack serve --mode development',
    'webpack --watch',
    'webpack -w --config webpack.dev.js',
    'tsc -w',
    'esbuild src/x.ts --bundle --watch --outfile=x.js',
    'tailwindcss -i in.css -o out.css --watch',
    'dotnet watch run',
    'sbt "~reStart"',
    './gradlew --continuous run',
    'php -S localhost:8000 -t public',
    'php artisan serve',
    'hugo server -D',
    'caddy run --watch --config Caddyfile',
    'docker compose up --watch',
    "bash -c 'vite'",
    "bash -lc 'cd web && exec vite --port 3000'",
    'cd web && npx vite',
    'nix develop -c vite',
    'vite | tee vite.log',
    'tailwindcss --watch & vite',
    'npm ci && vite',
  ])('%s', (command) => {
    expect(roleOf(command)).toMatchObject({ role: 'self' });
  });

  it.each<[string, string]>([
    ['npm run dev', 'vite'],
    ['npm start', 'next dev'],
    ['npm run dev -- --port 3000', 'vite'],
    ['pnpm dev', 'tsx watch src/x.ts'],
    ['yarn dev', 'nodemon x.js'],
    ['bun run dev', 'bun --hot x.ts'],
    ['cd api && npm run dev', 'NODE_ENV=development node --watch x.js'],
    ['just dev', 'cargo leptos watch'],
    ['sh dev.sh', '#!/bin/sh\nset -eu\ncd web\nexec vite\n'],
    ['./scripts/dev', '#!/usr/bin/env bash\n[ -d node_modules ] || npm ci\nexec npx vite "$@"\n'],
    ['bash ./run.sh', 'python manage.py runserver\n'],
  ])('%s, which runs %j', (command, script) => {
    expect(roleOf(command, script)).toMatchObject({ role: 'self' });
  });
});

describe('a service that has to be restarted for new code', () => {
  it.each([
    'node server.mjs',
    'node server.js --watch',
    'node vite-data/server.js',
    'node ./vite.js',
    'FOO=bar exec node server.js',
    'echo vite && node server.js',
    'vite build && node server.js',
    'vite build',
    'vite preview',
    'vite & node server.js',
    'next start',
    'next build && next start',
    'cat --hot.txt; node x',
    'node x.js --config=--hot',
    'node x "--hot"',
    'python app.py',
    'python manage.py runserver --noreload',
    'python manage.py migrate',
    'flask run',
    'FLASK_DEBUG=0 flask run',
    'uvicorn app:app',
    'uvicorn app:app --no-reload',
    'gunicorn app:app',
    'RAILS_ENV=production rails server',
    'rails server -e production',
    'MIX_ENV=prod mix phx.server',
    'cargo run',
    'cargo run --bin watch',
    'cargo leptos serve',
    'go run .',
    'go run ./cmd/api',
    './bin/server',
    './server --port 3000',
    '/home/me/shop/target/debug/api',
    'java -jar build/libs/app.jar',
    './gradlew bootRun',
    'npm run dev',
    'npm run watch',
    'just dev',
    'bash -c "node server.js"',
    'cd api && node server.js',
    'poetry run python app.py',
    'tsx src/server.ts',
    'ts-node src/server.ts',
    'deno run -A main.ts',
    'bun server.ts',
    'dotnet run',
    'docker compose up --build',
    'docker run -v "$PWD:/app" -w /app node:22 node x.js',
    'docker run -v ./conf:/etc/x caddy',
    'caddy run --config Caddyfile',
    'nginx -c ./nginx.conf',
    'redis-server redis.conf',
    'prometheus --config.file=prometheus.yml',
    'foreman start',
    'if [ "$PROD" ]; then node x.js; else vite; fi',
    '$SERVER --port 3000',
    '',
  ])('%s', (command) => {
    expect(roleOf(command)).toMatchObject({ role: 'code' });
  });

  it.each<[string, string]>([
    ['npm start', 'node server.js'],
    ['npm run dev', 'concurrently "vite" "node api.js"'],
    ['npm run dev', 'npm run other'],
    ['npm run dev', 'tsc && node dist/x.js'],
    ['npm run dev', 'vite & node api.js'],
    ['npm run serve -- --noreload', 'python manage.py runserver'],
    ['just dev', 'cargo run'],
    ['sh run.sh', 'exec ./server\n'],
  ])('%s, which runs %j', (command, script) => {
    expect(roleOf(command, script)).toMatchObject({ role: 'code' });
  });
});

describe('a service that lies outside the tree', () => {
  it.each([
    'postgres -D /var/lib/postgres',
    'postgres -D .devenv/state/postgres -k /tmp',
    'postgres -D ./data -c listen_addresses=127.0.0.1',
    'exec postgres -D "$PGDATA" -k "$PGDATA"',
    'redis-server',
    'redis-server --port 6380 --dir ./data',
    '/nix/store/abc-redis-7.2/bin/redis-server --port 6379',
    '/nix/store/abc-caddy-2/bin/caddy run --config /nix/store/def-Caddyfile',
    '/nix/store/abc-start-postgres/bin/start-postgres',
    'mailpit --listen 127.0.0.1:8025',
    'minio server ./data --console-address :9001',
    'mongod --dbpath=./data/db',
    'nats-server -js -sd /tmp/nats',
    'docker compose up db',
    'docker run --rm -p 5432:5432 postgres:16.2',
    'memcached -m 64',
    'mkdir -p .data && redis-server --dir .data',
    'cloudflared tunnel --url http://localhost:3000',
    'sleep infinity',
    'exec sleep 1000',
    'echo up; exec sleep 1000',
  ])('%s', (command) => {
    expect(roleOf(command)).toMatchObject({
      role: 'store',
      because: 'the program lies outside the tree and no argument lies inside',
    });
  });

  it('is none when its program leads to an interpreter or is not found', () => {
    const definition = service('server');
    const found = (program: string | null) =>
      recogniseRole(definition, undefined, { root, workTree: root, program }).role;
    expect(found('/opt/bin/server')).toBe('store');
    expect(found('/usr/bin/python3.12')).toBe('code');
    expect(found('/nix/store/x/bin/.node-wrapped')).toBe('code');
    expect(found(null)).toBe('code');
  });

  it('is none when it lies in the work tree above the project', () => {
    const place = { root: '/w/web', workTree: '/w', program: '/w/tools/db' };
    expect(recogniseRole(service('db'), undefined, place).role).toBe('code');
  });
});

describe('what wins over the command', () => {
  const place = { root, workTree: root, program: null };

  it('is upkeep.yaml before everything', () => {
    const declared = recogniseRole(service('vite', { awaitedToComplete: true }), { role: 'code' }, place);
    expect(declared).toEqual({ role: 'code', because: 'upkeep.yaml says so' });
  });

  it('is the watch of the manager, which restarts the service itself', () => {
    expect(recogniseRole(service('node x.js', { watchedByManager: true }), undefined, place).role).toBe(
      'self',
    );
  });

  it('is somebody who waits for the completion', () => {
    expect(recogniseRole(service('vite', { awaitedToComplete: true }), { ports: [1] }, place)).toEqual({
      role: 'task',
      because: 'something waits for its completion',
    });
  });
});

describe('the reason', () => {
  it.each<[string, string | null, string]>([
    ['vite --port 1', null, '`vite` reloads itself'],
    ['npm run dev', 'next dev', '`next dev` reloads itself (through `npm run dev`)'],
    ['uvicorn a:b --reload', null, '`uvicorn --reload` reloads itself'],
    ['tsc -w & vite', null, '`tsc -w` and `vite` reload themselves'],
    ['node x.js', null, '`node` runs code of the tree'],
    ['./bin/api', null, '`api` lies in the tree'],
    ['caddy run --config Caddyfile', null, '`caddy` was given `Caddyfile`, which lies in the tree'],
  ])('of %s', (command, script, because) => {
    expect(roleOf(command, script).because).toBe(because);
  });
});
