/** The keys of process-compose's files in all releases, with the types that its parser insists on. */
import type { Complain, Shape } from '../../../core/shape.ts';
import { fields, recordOf, wrong } from '../../../core/shape.ts';
import type { PositionedNode } from '../../../core/positioned.ts';
import { isNull } from '../../../core/positioned.ts';
import { conditions } from '../../../core/service.ts';

/** `${…}` is replaced before parsing, so its type is not known here. */
const isSubstituted = (node: PositionedNode): boolean => node.kind === 'scalar' && node.text.includes('${');

const checked =
  (expected: string, fits: (node: PositionedNode) => boolean): Shape<true> =>
  (node, complain, name) =>
    isNull(node) || isSubstituted(node) || fits(node) ? true : wrong(node, complain, name, expected);

/** Its parser takes any scalar for a string. */
const text = checked('a string', (node) => node.kind === 'scalar');
/** `2.0` passes for a whole number, `"2"` does not. */
const whole = checked(
  'a whole number',
  (node) => node.kind === 'scalar' && !node.quoted && Number.isInteger(node.value),
);
const truth = checked(
  'true or false',
  (node) =>
    node.kind === 'scalar' &&
    (typeof node.value === 'boolean' || (!node.quoted && /^(?:y|yes|on|n|no|off)$/i.test(node.text))),
);
const anything: Shape<true> = () => true;
const map = checked('a map', (node) => node.kind === 'map');

const list =
  (expected: string, item: Shape<unknown>): Shape<true> =>
  (node, complain, name) => {
    if (isNull(node) || isSubstituted(node)) return true;
    if (node.kind !== 'list') return wrong(node, complain, name, expected);
    for (const each of node.items) item(each, complain, name);
    return true;
  };
const texts = list('a list of strings', text);
const environment = list('a list such as ["NAME=value"]', text);

const words = (...known: readonly string[]): Shape<true> =>
  checked(`one of ${known.join(', ')}`, (node) => node.kind === 'scalar' && known.includes(node.text));

/** Unknown keys below the processes are ignored by its parser, even by a strict one. */
const anyKey = (): boolean => true;
/** `x-…` is for people and anchors. */
const ownKey = (key: string): boolean => key.startsWith('x-') || key === '<<';

const logging = fields(
  {
    disable_json: truth,
    no_color: truth,
    no_metadata: truth,
    add_timestamp: truth,
    flush_each_line: truth,
    fields_order: texts,
  },
  anyKey,
);

const probe = fields(
  {
    exec: fields({ command: text, working_dir: text }, anyKey),
    http_get: fields(
      { host: text, path: text, scheme: text, port: text, num_port: whole, headers: map, status_code: whole },
      anyKey,
    ),
    initial_delay_seconds: whole,
    period_seconds: whole,
    timeout_seconds: whole,
    success_threshold: whole,
    failure_threshold: whole,
  },
  anyKey,
);

const process = fields(
  {
    name: text,
    disabled: truth,
    is_disabled: text,
    is_daemon: truth,
    is_foreground: truth,
    is_tty: truth,
    is_interactive: truth,
    is_elevated: truth,
    is_dotenv_disabled: truth,
    disable_ansi_colors: truth,
    truncate_log: truth,
    command: text,
    entrypoint: texts,
    args: texts,
    executable: text,
    description: text,
    working_dir: text,
    namespace: text,
    ready_log_line: text,
    log_location: text,
    log_configuration: logging,
    environment,
    env_file: anything,
    extends: anything,
    replicas: whole,
    replica_num: whole,
    replica_name: text,
    original_config: text,
    launch_timeout_seconds: whole,
    success_exit_codes: list('a list of whole numbers', whole),
    availability: fields(
      {
        restart: words('no', 'always', 'on_failure', 'exit_on_failure'),
        backoff_seconds: whole,
        max_restarts: whole,
        exit_on_end: truth,
        exit_on_skipped: truth,
      },
      anyKey,
    ),
    depends_on: recordOf(fields({ condition: words(...conditions) }, anyKey)),
    readiness_probe: probe,
    liveness_probe: probe,
    shutdown: fields({ command: text, timeout_seconds: whole, signal: whole, parent_only: truth }, anyKey),
    schedule: map,
    watch: map,
    mcp: map,
    vars: map,
  },
  ownKey,
);

const project = fields(
  {
    version: text,
    name: text,
    processes: recordOf(process),
    environment,
    extends: text,
    vars: map,
    env_cmds: map,
    shell: fields({ shell_command: text, shell_argument: text }, anyKey),
    log_location: text,
    log_level: text,
    log_length: whole,
    log_format: text,
    log_configuration: logging,
    is_strict: truth,
    is_tui_disabled: truth,
    ordered_shutdown: truth,
    disable_env_expansion: truth,
    mcp_server: map,
    file_names: texts,
    env_file_names: texts,
    dot_env_vars: map,
  },
  ownKey,
);

/** Reports everything in one file that no release of process-compose accepts, at its place. */
export const checkFile = (tree: PositionedNode, complain: Complain): void => void project(tree, complain, '');
