/** Decides whether a program outside the tree was given something inside it. */
import type { Command } from './command-line.ts';
import { baseName } from './paths.ts';

interface Tree {
  /** Absolute, without links. */
  readonly root: string;
  readonly workTree: string;
  /** Where the command runs. */
  readonly directory: string | null;
}

/** Options whose value is a place for data, not something to run. */
const dataOption =
  /^--?(?:D|k|dir|d|[\w.-]*(?:data|dbpath|db-path|socket|sock|pid|pidfile|log|logs|logfile|storage|store|cache|tmp|temp|basedir)[\w.-]*)$/i;
const dataOptionShort = /^-[Dk](?=[./$])/;

/** Servers whose bare arguments are data directories: `minio server ./data`. */
const dataServers =
  /^(?:postgres|postmaster|pg_ctl|initdb|mysqld|mariadbd|mysqld_safe|redis-server|valkey-server|keydb-server|dragonfly|mongod|minio|etcd|consul|nats-server|clickhouse-server|clickhouse|cockroach|influxd|mailpit|meilisearch|qdrant|surreal|rabbitmq-server|elasticsearch|opensearch|zookeeper|kafka|temporal|localstack|memcached)$/;

/** What tools leave in a tree, which is not a source. */
const derived = /^(?:\.devenv[^/]*|\.direnv|\.git|node_modules\/\.cache|result[^/]*)(?:\/|$)/;

const sourceExtension =
  /\.(?:conf|cfg|cnf|ini|json|jsonc|json5|ya?ml|toml|xml|env|properties|sql|nix|hcl|tf|proto|graphql|tmpl|tpl|html?|css|js|mjs|cjs|ts|mts|tsx|jsx|py|rb|php|pl|lua|sh|bash|go|rs|jar|war|class|ex|exs|erl|hs|ml|cs|fs|dll|wasm|so|vcl|rules)$/i;

/** The first argument that lies inside the tree; null when none does. */
export function treeArgument(command: Command, tree: Tree): string | null {
  const program = baseName(command.words[0] ?? '');
  const args = command.words.slice(1);
  for (const [index, arg] of args.entries()) {
    if (dataOptionShort.test(arg)) continue;
    const assigned = /^(--?[\w.-]+)=(.*)$/s.exec(arg);
    const option = assigned?.[1] ?? (arg.startsWith('-') ? null : (args[index - 1] ?? ''));
    const value = assigned?.[2] ?? arg;
    if (value === '' || (value.startsWith('-') && !assigned)) continue;
    if (option?.startsWith('-') && dataOption.test(option) && !sourceExtension.test(value)) continue;
    if (dataServers.test(program) && !sourceExtension.test(value)) continue;
    const found = value.split(/[:,]/).find((part) => isInTree(part, tree));
    if (found !== undefined) return arg;
  }
  return null;
}

function isInTree(value: string, tree: Tree): boolean {
  const text = value.replace(/^@/, '');
  if (/^(?:\$PWD|\$\{PWD\}|\$\(pwd\)|`pwd`|\$\{?(?:DEVENV_ROOT|PRJ_ROOT|PROJECT_ROOT|ROOT)\}?)/.test(text))
    return true;
  if (/^[$~`]|^\w+:\/\//.test(text)) return false;
  if (!text.startsWith('/'))
    return looksLikePath(text) && !derived.test(text.replace(/^\.\//, '')) && !leavesTree(text, tree);
  const inside = [tree.root, tree.workTree].find((top) => text === top || text.startsWith(`${top}/`));
  return inside !== undefined && !derived.test(text.slice(inside.length + 1));
}

/** A relative path, recognised by its dot, a slash after a name, a source's extension, or a name like `Caddyfile`. */
const looksLikePath = (text: string): boolean =>
  /^\.{1,2}(?:\/|$)/.test(text) ||
  (sourceExtension.test(text) && !/\s/.test(text)) ||
  /^[A-Z][a-z]+file(?:\.\w+)?$/.test(text) ||
  /^(?:src|app|apps|bin|lib|config|conf|scripts|packages|cmd|etc|infra|deploy|public|web|server)\/\S+$/.test(
    text,
  );

function leavesTree(text: string, tree: Tree): boolean {
  if (!text.startsWith('..') || tree.directory === null || !tree.directory.startsWith(tree.workTree))
    return false;
  const depth = tree.directory.slice(tree.workTree.length).split('/').filter(Boolean).length;
  return (/^(?:\.\.\/?)+/.exec(text)?.[0].match(/\.\./g)?.length ?? 0) > depth;
}
