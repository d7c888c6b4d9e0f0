# The options of devenv's modules that the stand-in knows, by the age of the modules. What shapes no process is taken as it is.
{ lib, modules }:
let
  inherit (lib) mkOption;
  t = lib.types;
  b = builtins;
  since = version: b.compareVersions modules version >= 0;
  opt = type: default: mkOption { inherit type default; };
  free = opt t.anything { };

  ports = _: {
    allocate = opt (t.nullOr t.port) null;
    value = opt (t.nullOr t.port) null;
  };

  probe = {
    exec = opt (t.nullOr t.str) null;
    http.get = opt (t.nullOr (t.submodule {
      host = opt t.str "127.0.0.1";
      scheme = opt (t.enum [ "http" "https" ]) "http";
      path = opt t.str "/";
      port = mkOption { type = t.port; };
    })) null;
    notify = opt t.bool false;
    initial_delay = opt t.number 0;
    period = opt t.number 10;
    probe_timeout = opt t.number 1;
    timeout = opt (t.nullOr t.number) null;
    success_threshold = opt t.int 1;
    failure_threshold = opt t.int 3;
  };

  process = _: {
    exec = mkOption { type = t.str; };
    process-compose = opt t.attrs { };
  } // lib.optionalAttrs (since "1.9") {
    cwd = opt (t.nullOr t.str) null;
  } // lib.optionalAttrs (since "2.0") {
    start.enable = opt t.bool true;
    ports = opt (t.attrsOf (t.submodule ports)) { };
    env = opt (t.attrsOf t.anything) { };
    ready = opt (t.nullOr (t.submodule probe)) null;
    restart = {
      on = opt (t.enum [ "never" "always" "on_failure" ]) "on_failure";
      max = opt (t.nullOr t.int) 5;
      window = opt (t.nullOr t.int) null;
    };
    after = opt (t.listOf t.str) [ ];
    before = opt (t.listOf t.str) [ ];
    watch = {
      paths = opt (t.listOf t.unspecified) [ ];
      extensions = opt (t.listOf t.str) [ ];
      ignore = opt (t.listOf t.str) [ ];
    };
    listen = opt (t.listOf t.attrs) [ ];
    linux.capabilities = opt (t.listOf t.str) [ ];
    watchdog = opt t.anything null;
  };

  managers = [ "process-compose" "overmind" "hivemind" "honcho" "mprocs" ] ++ lib.optional (since "2.0") "native";
  tui.tui.enable = opt t.bool true;
  compose = {
    unixSocket = {
      enable = opt t.bool true;
      path = opt t.str "";
    };
    port = opt t.port 8080;
    settings = free;
  } // tui;
in
{
  processes = opt (t.attrsOf (t.submodule process)) { };
  env = opt (t.lazyAttrsOf t.anything) { };
  enterShell = opt t.lines "";
  enterTest = opt t.lines "";
  packages = opt (t.listOf t.package) [ ];
  name = opt (t.nullOr t.str) null;
  assertions = opt (t.listOf t.unspecified) [ ];
  dotenv = {
    enable = opt t.bool false;
    filename = opt (t.either t.str (t.listOf t.str)) ".env";
    disableHint = opt t.bool false;
  };
  tasks = opt (t.attrsOf t.anything) { };
  scripts = opt (t.attrsOf t.anything) { };
  languages = free;
  git-hooks = free;
  pre-commit = free;
  cachix = free;
  treefmt = free;
  infoSections = opt (t.attrsOf (t.listOf t.str)) { };
} // (if since "1.3.1" then {
  process.manager = {
    implementation = opt (t.enum managers) null;
    before = opt t.lines "";
    after = opt t.lines "";
    args = opt (t.nullOr t.attrs) null;
  };
  process.managers.process-compose = compose;
} else {
  process.implementation = opt (t.enum managers) "process-compose";
  process.before = opt t.lines "";
  process.after = opt t.lines "";
  process.process-compose = free;
})
