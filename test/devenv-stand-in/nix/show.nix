# Definitions as nixpkgs shows them in an error: `- In `FILE': VALUE`, the value pretty-printed, at most five lines.
let
  b = builtins;
  indent = depth: b.concatStringsSep "" (b.genList (_: "  ") depth);
  quote = text: "\"${b.replaceStrings [ "\\" "\"" "\n" "\${" ] [ "\\\\" "\\\"" "\\n" "\\\${" ] text}\"";
  pretty = depth: value:
    let
      inner = indent (depth + 1);
      block = open: close: entries:
        if entries == [ ] then "${open} ${close}"
        else "${open}\n${b.concatStringsSep "\n" (map (entry: "${inner}${entry}") entries)}\n${indent depth}${close}";
    in
    if depth > 8 then "<unevaluated>"
    else if b.isString value then quote value
    else if b.isBool value then (if value then "true" else "false")
    else if value == null then "null"
    else if b.isFunction value then "<function>"
    else if b.isList value then block "[" "]" (map (pretty (depth + 1)) value)
    else if b.isAttrs value && value.type or null == "derivation" then "<derivation ${value.name}>"
    else if b.isAttrs value
    then block "{" "}" (map (name: "${name} = ${pretty (depth + 1) value.${name}};") (b.attrNames value))
    else toString value;
  lines = text: b.filter b.isString (b.split "\n" text);
  take = n: list: b.genList (b.elemAt list) (if b.length list < n then b.length list else n);
  one = { file, value }:
    let
      tried = b.tryEval (let text = pretty 0 value; in b.deepSeq text text);
      all = lines tried.value;
      shown = take 5 all ++ (if b.length all > 5 then [ "..." ] else [ ]);
    in
    "\n- In `${file}'" + (
      if !tried.success then ""
      else if b.length all == 1 then ": ${tried.value}"
      else ":\n    ${b.concatStringsSep "\n    " shown}"
    );
in
{
  defs = definitions: b.concatStringsSep "" (map one definitions);
  place = loc: b.concatStringsSep "." loc;
}
