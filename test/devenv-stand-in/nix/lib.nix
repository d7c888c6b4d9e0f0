# What a devenv.nix uses of nixpkgs' lib: the priorities, conditions and small list and set functions.
let
  b = builtins;
in
rec {
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkForce = mkOverride 50;
  mkDefault = mkOverride 1000;
  mkOptionDefault = mkOverride 1500;
  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkMerge = contents: { _type = "merge"; inherit contents; };
  mkBefore = content: content;
  mkAfter = content: content;
  mkOption = attrs: attrs // { _type = "option"; };
  mkEnableOption = description: mkOption { type = types.bool; default = false; };
  types = import ./types.nix;

  inherit (b) attrNames attrValues concatLists concatMap elem elemAt filter foldl' genList getAttr hasAttr head isAttrs isBool
    isFunction isInt isList isString length listToAttrs map mapAttrs match replaceStrings split stringLength substring tail
    toJSON fromJSON;
  concatStringsSep = b.concatStringsSep;
  concatStrings = b.concatStringsSep "";
  concatMapStrings = f: list: concatStrings (map f list);
  concatMapStringsSep = separator: f: list: b.concatStringsSep separator (map f list);
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then values else [ ];
  optionalAttrs = condition: attrs: if condition then attrs else { };
  optionalString = condition: text: if condition then text else "";
  nameValuePair = name: value: { inherit name value; };
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  mapAttrs' = f: attrs: listToAttrs (map (name: f name attrs.${name}) (attrNames attrs));
  mapAttrsToList = f: attrs: map (name: f name attrs.${name}) (attrNames attrs);
  filterAttrs = keep: attrs:
    listToAttrs (map (name: nameValuePair name attrs.${name}) (filter (name: keep name attrs.${name}) (attrNames attrs)));
  recursiveUpdate = left: right:
    left // mapAttrs
      (name: value: if isAttrs value && isAttrs (left.${name} or null) then recursiveUpdate left.${name} value else value)
      right;
  range = first: last: genList (n: first + n) (if last < first then 0 else last - first + 1);
  flatten = value: if isList value then concatMap flatten value else [ value ];
  unique = foldl' (seen: one: if elem one seen then seen else seen ++ [ one ]) [ ];
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  hasSuffix = suffix: text: let at = stringLength text - stringLength suffix; in at >= 0 && substring at (-1) text == suffix;
  removePrefix = prefix: text: if hasPrefix prefix text then substring (stringLength prefix) (-1) text else text;
  removeSuffix = suffix: text:
    if hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text else text;
  splitString = separator: text: filter isString (split (escapeRegex separator) text);
  escapeRegex = replaceStrings [ "." "*" "+" "?" "(" ")" "[" "]" "{" "}" "^" "$" "|" "\\" ] [ "\\." "\\*" "\\+" "\\?" "\\(" "\\)" "\\[" "\\]" "\\{" "\\}" "\\^" "\\$" "\\|" "\\\\" ];
  toInt = text: let value = b.fromJSON text; in if isInt value then value else throw "Could not convert ${text} to int.";
  getExe = package: "${package}/bin/${package.meta.mainProgram or package.pname}";
  getExe' = package: name: "${package}/bin/${name}";
  makeBinPath = packages: concatMapStringsSep ":" (package: "${package}/bin") packages;
  escapeShellArg = text: "'${replaceStrings [ "'" ] [ "'\\''" ] (toString text)}'";
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  boolToString = value: if value then "true" else "false";
  id = value: value;
  const = value: _: value;
  fileContents = path: removeSuffix "\n" (b.readFile path);
}
