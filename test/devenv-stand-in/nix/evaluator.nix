# The module evaluator: definitions and options in, a configuration out, nixpkgs' words for what is wrong.
let
  b = builtins;
  show = import ./show.nix;
  kind = value: if b.isAttrs value then value._type or null else null;

  # Conditions, merges and priorities of a definition of a *set*, pushed down to what it holds.
  pushDown = loc: { file, value }:
    let again = content: pushDown loc { inherit file; value = content; };
    in
    if kind value == "merge" then b.concatMap again value.contents
    else if kind value == "if" then (if value.condition then again value.content else [ ])
    else if kind value == "override"
    then map
      (def: def // { value = b.mapAttrs (_: content: value // { inherit content; }) def.value; })
      (again value.content)
    else if b.isAttrs value then [ { inherit file value; } ]
    else throw (wrongType loc { description = "attribute set"; } [ { inherit file value; } ]);

  discharge = { file, value }:
    let again = content: discharge { inherit file; value = content; };
    in
    if kind value == "merge" then b.concatMap again value.contents
    else if kind value == "if" then (if value.condition then again value.content else [ ])
    else if kind value == "override" then [ { inherit file; inherit (value) priority; value = value.content; } ]
    else [ { inherit file value; priority = 100; } ];

  highest = defs:
    let best = b.foldl' (low: def: if def.priority < low then def.priority else low) 9999 defs;
    in map (def: { inherit (def) file value; }) (b.filter (def: def.priority == best) defs);

  wrongType = loc: type: defs:
    "A definition for option `${show.place loc}' is not of type `${type.description}'. Definition values:${show.defs defs}";

  option = loc: opt: definitions:
    let
      defs = highest (b.concatMap discharge definitions);
      bad = b.filter (def: !(opt.type.check def.value)) defs;
    in
    if defs == [ ] then
      opt.default or (throw "The option `${show.place loc}' was accessed but has no value defined. Try setting the option.")
    else if bad != [ ] then throw (wrongType loc opt.type bad)
    else opt.type.merge evaluator loc defs;

  # { config, unmatched }: `unmatched` is looked at by whoever wants the whole, so that a module may ask `config` meanwhile.
  set = loc: options: definitions:
    let
      flat = b.concatMap (pushDown loc) definitions;
      of = name: b.concatMap
        (def: if def.value ? ${name} then [ { inherit (def) file; value = def.value.${name}; } ] else [ ])
        flat;
      isOption = name: kind options.${name} == "option";
      nested = name: set (loc ++ [ name ]) options.${name} (of name);
      groups = b.filter (name: !(isOption name)) (b.attrNames options);
      strangers = b.concatMap
        (def: map
          (name: { loc = loc ++ [ name ]; inherit (def) file; value = def.value.${name}; })
          (b.filter (name: !(options ? ${name})) (b.attrNames def.value)))
        flat;
    in
    {
      config = b.mapAttrs
        (name: opt: if isOption name then option (loc ++ [ name ]) opt (of name) else (nested name).config)
        options;
      unmatched = strangers ++ b.concatMap (name: (nested name).unmatched) groups;
    };

  unknown = unmatched:
    let
      first = b.head unmatched;
      same = b.filter (one: one.loc == first.loc) unmatched;
    in
    "The option `${show.place first.loc}' does not exist. Definition values:${show.defs (map (one: { inherit (one) file value; }) same)}";

  conflict = loc: defs:
    throw "The option `${show.place loc}' has conflicting definition values:${show.defs defs}\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";

  evaluator = { inherit pushDown option set unknown conflict; };
in
evaluator
