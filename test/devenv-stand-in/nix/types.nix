# Option types: a description in nixpkgs' words, a shallow check, and how several definitions become one value.
# `merge` gets the evaluator, the option's place and its definitions ({ file, value }), already checked and of one priority.
let
  b = builtins;
  equal = ev: loc: defs:
    let first = (b.head defs).value;
    in if b.all (def: def.value == first) defs then first else ev.conflict loc defs;
  simple = description: check: { inherit description check; merge = equal; };
in
rec {
  str = simple "string" b.isString;
  int = simple "signed integer" b.isInt;
  bool = simple "boolean" b.isBool;
  port = simple "16 bit unsigned integer; between 0 and 65535 (both inclusive)"
    (value: b.isInt value && value >= 0 && value <= 65535);
  path = simple "path" (value: b.isPath value || (b.isString value && b.substring 0 1 value == "/"));
  package = simple "package" (value: b.isAttrs value && value.type or null == "derivation");
  number = simple "signed integer or floating point number" (value: b.isInt value || b.isFloat value);
  unspecified = simple "unspecified value" (_: true);
  raw = unspecified;

  lines = {
    description = "strings concatenated with \"\\n\"";
    check = b.isString;
    merge = ev: loc: defs: b.concatStringsSep "\n" (map (def: def.value) defs);
  };
  attrs = {
    description = "attribute set";
    check = b.isAttrs;
    merge = ev: loc: defs: b.foldl' (all: def: all // def.value) { } defs;
  };
  anything = {
    description = "anything";
    check = _: true;
    merge = ev: loc: defs:
      if b.all (def: b.isAttrs def.value && !(def.value ? outPath)) defs
      then (attrsOf anything).merge ev loc defs
      else equal ev loc defs;
  };
  enum = values: simple
    "one of ${b.concatStringsSep ", " (map (value: "\"${toString value}\"") values)}"
    (value: b.elem value values);
  nullOr = type: {
    description = "null or ${type.description}";
    check = value: value == null || type.check value;
    merge = ev: loc: defs: if b.all (def: def.value == null) defs then null else type.merge ev loc defs;
  };
  either = left: right: {
    description = "${left.description} or ${right.description}";
    check = value: left.check value || right.check value;
    merge = ev: loc: defs:
      if b.all (def: left.check def.value) defs then left.merge ev loc defs else right.merge ev loc defs;
  };
  oneOf = types: b.foldl' either (b.head types) (b.tail types);
  listOf = type: {
    description = "list of ${type.description}";
    check = b.isList;
    merge = ev: loc: defs: b.concatLists (map
      (def: b.genList
        (n: ev.option (loc ++ [ "[definition ${toString (n + 1)}-entry]" ]) { inherit type; }
          [ { inherit (def) file; value = b.elemAt def.value n; } ])
        (b.length def.value))
      defs);
  };
  attrsOf = type: {
    description = "attribute set of ${type.description}";
    check = b.isAttrs;
    merge = ev: loc: defs:
      let
        flat = b.concatMap (ev.pushDown loc) defs;
        values = b.zipAttrsWith (_: these: these)
          (map (def: b.mapAttrs (_: value: { inherit (def) file; inherit value; }) def.value) flat);
      in
      b.mapAttrs (name: these: ev.option (loc ++ [ name ]) { inherit type; } these) values;
  };
  lazyAttrsOf = attrsOf;
  # `options` is a function of the name, as in `{ name, ... }: { options = …; }`.
  submodule = options: {
    description = "submodule";
    check = b.isAttrs;
    merge = ev: loc: defs:
      let
        made = if b.isFunction options then options (b.elemAt loc (b.length loc - 1)) else options;
        result = ev.set loc made defs;
      in
      if result.unmatched == [ ] then result.config else throw (ev.unknown result.unmatched);
  };
}
