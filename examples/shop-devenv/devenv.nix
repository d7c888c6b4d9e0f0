# Three services with an order: a database, a task that fills it, a web server that reads it. It is the same stack under
# process-compose (devenv 1.x, and 2.x where it is chosen) and under devenv 2's own manager, which names things differently.
# Set SHOP_DB_PORT and SHOP_WEB_PORT to run a second copy beside the first.
{ pkgs, lib, config, ... }:

let
  native = config.process.manager.implementation == "native";
  # getEnv is recorded: another port is another configuration.
  port = name: default:
    let given = builtins.getEnv name;
    in if given == "" then default else lib.toInt given;
  dbPort = port "SHOP_DB_PORT" 5452;
  webPort = port "SHOP_WEB_PORT" 3052;
in
{
  packages = [ pkgs.nodejs ];

  env.SHOP_DB_PORT = toString dbPort;
  env.SHOP_WEB_PORT = toString webPort;

  processes.db = {
    exec = "exec node src/db.mjs";
  } // (if native then {
    ready = { exec = "exec node src/probe.mjs"; period = 1; failure_threshold = 60; };
  } else {
    process-compose = {
      readiness_probe = {
        exec.command = "exec node src/probe.mjs";
        period_seconds = 1;
        timeout_seconds = 2;
        failure_threshold = 60;
      };
      shutdown.timeout_seconds = 5;
    };
  });

  processes.migrate = {
    exec = "exec node src/migrate.mjs";
  } // (if native then {
    after = [ "devenv:processes:db@ready" ];
    restart.on = "never";
  } else {
    process-compose.depends_on.db.condition = "process_healthy";
  });

  processes.web = {
    exec = "exec node src/web.mjs";
  } // (if native then {
    # The manager knows no `@succeeded` of a process.
    after = [ "devenv:processes:migrate@completed" ];
    ready = { http.get = { port = webPort; path = "/health"; }; period = 1; failure_threshold = 30; };
  } else {
    process-compose = {
      depends_on.migrate.condition = "process_completed_successfully";
      readiness_probe = {
        http_get = { host = "127.0.0.1"; port = toString webPort; path = "/health"; };
        period_seconds = 1;
        failure_threshold = 30;
      };
      shutdown.timeout_seconds = 5;
    };
  });
}
