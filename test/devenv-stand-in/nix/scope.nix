# What a devenv.nix sees as `import` and `builtins`: the same, but every look at the disk or the environment is told. devenv
# has a patched Nix for that, from which it learns what an evaluation depends on.
let
  b = builtins;
  told = what: f: argument: b.trace "devenv ${what}: '${toString argument}'" (f argument);
  fileOf = path: if b.pathExists "${toString path}/." then path + "/default.nix" else path;
  importFile = path: told "evaluated file" (b.scopedImport scope) (fileOf path);
  scope = {
    import = importFile;
    builtins = b // {
      import = importFile;
      readFile = told "readFile" b.readFile;
      readDir = told "readDir" b.readDir;
      pathExists = told "pathExists" b.pathExists;
      getEnv = told "getEnv" b.getEnv;
    };
  };
in
scope
