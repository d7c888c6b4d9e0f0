# Packages: the names the stand-in's store has, and the writers that make a file of a text.
{ lib, packages, store }:
let
  b = builtins;
  derivation = { pname, path }: {
    type = "derivation";
    inherit pname;
    name = b.substring 33 (-1) (b.baseNameOf path);
    outPath = path;
    meta.mainProgram = pname;
    override = _: derivation { inherit pname path; };
  };
  # What is to be written is told to the caller, who has a store to write to.
  write = { name, text, file, executable }:
    let
      hash = b.substring 0 32 (b.hashString "sha256" (b.toJSON [ name text file ]));
      path = "${store}/${hash}-${name}";
      order = b.toJSON { path = path + file; inherit text executable; };
    in
    b.trace "devenv write: ${order}" (derivation { pname = name; inherit path; });
  script = text: "#!/usr/bin/env bash\n${text}\n";
in
b.mapAttrs (pname: path: derivation { inherit pname path; }) packages // rec {
  inherit lib;
  stdenv = { isLinux = true; isDarwin = false; };
  system = "x86_64-linux";
  writeText = name: text: write { inherit name text; file = ""; executable = false; };
  writeShellScript = name: text: write { inherit name; text = script text; file = ""; executable = true; };
  writeShellScriptBin = name: text: write { inherit name; text = script text; file = "/bin/${name}"; executable = true; };
  writeScript = name: text: write { inherit name text; file = ""; executable = true; };
  writeScriptBin = name: text: write { inherit name text; file = "/bin/${name}"; executable = true; };
  writeShellApplication = { name, text, ... }: writeShellScriptBin name "set -euo pipefail\n${text}";
}
