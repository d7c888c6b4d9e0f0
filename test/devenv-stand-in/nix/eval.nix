# One evaluation of a project: the modules on disk in, everything devenv makes of them out, as JSON.
{ input }:
let
  given = builtins.fromJSON input;
  b = builtins;
  baseLib = import ./lib.nix;
  scope = import ./scope.nix;
  lib = baseLib // { inherit (scope.builtins) readFile; fileContents = path: baseLib.removeSuffix "\n" (scope.builtins.readFile path); };
  evaluator = import ./evaluator.nix;
  options = import ./options.nix { inherit lib; inherit (given) modules; };
  pkgs = import ./pkgs.nix { inherit lib; inherit (given) packages store; };

  fileName = path: if given.namesFiles then given.filePrefix + toString path else "<unknown-file>";

  # A path, a function or a set; imports first, as nixpkgs does it.
  load = file: module:
    let
      isPath = b.isPath module || b.isString module;
      target = if b.pathExists "${toString module}/." then module + "/${if b.pathExists (module + "/devenv.nix") then "devenv.nix" else "default.nix"}" else module;
      here = if isPath then fileName target else file;
      value = if isPath then scope.import target else module;
      made = if b.isFunction value then value arguments else value;
      hasShape = made ? config || made ? options;
      body = if hasShape then made.config or { } else removeAttrs made [ "imports" "_file" "key" ];
    in
    b.concatMap (load here) (made.imports or [ ])
    ++ [ { file = here; value = body; options = made.options or { }; } ];

  loaded = b.concatMap (path: load "<unknown-file>" (/. + path)) given.files;
  declared = b.foldl' lib.recursiveUpdate options (map (module: module.options) loaded);
  result = evaluator.set [ ] declared (map (module: { inherit (module) file value; }) loaded);
  found = result.config;

  implementation = found.process.manager.implementation or found.process.implementation;
  chosen = if implementation == null then given.defaultManager else implementation;

  # An allocated port is the declared one, unless a look at the machine has moved it.
  withPorts = name: process:
    if process ? ports
    then process // {
      ports = b.mapAttrs
        (port: declared: declared // {
          value = given.allocated.${name}.${port} or (if declared.allocate != null then declared.allocate else declared.value);
        })
        process.ports;
    }
    else process;

  config = found // {
    processes = b.mapAttrs withPorts found.processes;
    env = import ./dotenv.nix { inherit scope; inherit (given) root; inherit (found.dotenv) enable filename; } // found.env;
    devenv = {
      inherit (given) root dotfile runtime state;
      cli = { version = given.cli; };
    };
    process = if found.process ? manager
      then found.process // { manager = found.process.manager // { implementation = chosen; }; }
      else found.process;
  };

  arguments = {
    inherit lib pkgs config;
    options = declared;
    inputs = { };
    modulesPath = toString ./.;
  };

  failed = b.filter (one: !one.assertion) found.assertions;
  text = value: if b.isList value then b.concatStringsSep " " (map toString value) else toString value;
  manager = config.process.manager or config.process;
  compose = config.process.managers.process-compose or null;
in
if result.unmatched != [ ] then throw (evaluator.unknown result.unmatched)
else {
  processes = b.mapAttrs (_: process: process // { exec = "${process.exec}"; }) config.processes;
  env = b.mapAttrs (_: text) (lib.filterAttrs (_: value: value != null) config.env);
  inherit (config) enterShell;
  packages = map (package: "${package}") config.packages;
  implementation = chosen;
  before = manager.before or "";
  after = manager.after or "";
  args = manager.args or null;
  inherit compose;
  tasks = b.attrNames config.tasks;
  failedAssertions = map (one: one.message) failed;
}
