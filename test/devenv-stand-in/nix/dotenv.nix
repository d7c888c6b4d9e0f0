# The dotenv module: KEY=VALUE lines of the files it names, the later file winning.
{ scope, root, enable, filename }:
let
  b = builtins;
  names = if b.isList filename then filename else [ filename ];
  unquote = text:
    let inner = b.match "\"(.*)\"|'(.*)'" text;
    in if inner == null then text else if b.elemAt inner 0 != null then b.elemAt inner 0 else b.elemAt inner 1;
  pair = line:
    let parts = b.match "[ \t]*(export +)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*[^ \t\r]|)[ \t\r]*" line;
    in if parts == null then [ ] else [ { name = b.elemAt parts 1; value = unquote (b.elemAt parts 2); } ];
  read = name:
    let path = "${root}/${name}";
    in if scope.builtins.pathExists path
    then b.concatMap pair (b.filter b.isString (b.split "\n" (scope.builtins.readFile path)))
    else [ ];
in
if enable then b.listToAttrs (b.concatMap read names) else { }
