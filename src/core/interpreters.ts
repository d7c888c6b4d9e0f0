/** Decides which programs are interpreters: they lie outside the tree, but what they run is most likely inside it. */
import { programName } from './paths.ts';

const interpreters =
  /^(?:node|nodejs|deno|bun|tsx|ts-node|esno|python[\d.]*|pypy[\d.]*|ruby[\d.]*|jruby|perl[\d.]*|php[\d.]*|java|kotlin|scala|groovy|clj|clojure|lein|bb|lua[\d.]*|luajit|julia|R|Rscript|elixir|iex|mix|erl|rebar3|escript|gleam|racket|guile|sbcl|ghci|runghc|runhaskell|stack|cabal|dune|ocaml|tclsh|wish|dart|flutter|swift|dotnet|mono|pwsh|nu|nix|nix-shell|nix-build|devenv|(?:ba|da|z|k|a|fi)?sh|go|cargo|zig|nim|crystal|v|make|gmake|just|task|mage|rake|gradle|gradlew|mvn|mvnw|sbt|mill|ant|bazel|bazelisk|buck2|pants|npm|npx|pnpm|yarn|corepack|turbo|nx|lerna|bundle|rails|rackup|puma|unicorn|thin|falcon|sidekiq|resque|foreman|overmind|hivemind|goreman|honcho|uvicorn|gunicorn|hypercorn|daphne|granian|waitress-serve|flask|fastapi|django-admin|celery|dramatiq|rq|huey|streamlit|jupyter|ipython|poetry|uv|pipenv|pdm|hatch|next|nuxt|nuxi|vite|astro|webpack|remix|nest|http-server|serve|concurrently|wireit|wasmtime|wasmer|supervisord|procodile|xargs|find|parallel|ssh|direnv)$/;

/** Give it both the word as written and what it resolves to: `/usr/bin/python3` may be a link to `python3.12`. */
export const isInterpreter = (...names: readonly string[]): boolean =>
  names.some((name) => interpreters.test(programName(name)));
