/** The door to the YAML parser, and the only import of yaml: text in, a tree with positions and the syntax problems out. */
import type * as Yaml from 'yaml';
import type { Document, LineCounter, Node, Scalar } from 'yaml';
import type { Place, PositionedEntry, PositionedNode, ScalarValue } from '../core/positioned.ts';

export interface YamlProblem extends Place {
  readonly message: string;
}

export interface ReadYaml {
  /** What could be read, even when there are problems. null: the file is empty. */
  readonly tree: PositionedNode | null;
  /** Syntax errors and duplicate keys, in the order of the file. */
  readonly problems: readonly YamlProblem[];
}

/** Parses the first document of `text`. Anchors, aliases and `<<` are resolved. Never throws. */
export async function readYaml(text: string): Promise<ReadYaml> {
  const yaml = await import('yaml'); // 30 ms, so only when there is a file
  const lineCounter = new yaml.LineCounter();
  const document = yaml.parseAllDocuments(text, {
    lineCounter,
    prettyErrors: false,
    merge: true,
    logLevel: 'silent',
  });
  const first = Array.isArray(document) ? document[0] : undefined;
  if (!first) return { tree: null, problems: [] };
  const problems = first.errors.map((error) => ({
    ...placeAt(lineCounter, error.pos[0]),
    message:
      error.code === 'DUPLICATE_KEY'
        ? `duplicate key \`${keyAt(text, error.pos[0])}\``
        : error.message.replace(/\s+/g, ' '),
  }));
  const convert = treeBuilder(yaml, first, lineCounter);
  return { tree: first.contents === null ? null : convert(first.contents), problems };
}

/** The key at the position of the error. */
const keyAt = (text: string, at: number): string => /^[^:\n]*/.exec(text.slice(at))?.[0].trim() ?? '';

const placeAt = (lines: LineCounter, offset: number): Place => {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
};

function treeBuilder(yaml: typeof Yaml, document: Document, lines: LineCounter) {
  const start: Place = { line: 1, column: 1 };
  const placeOf = (node: Node): Place => (node.range ? placeAt(lines, node.range[0]) : start);
  // Aliases share the converted node: a file of nested aliases stays as small as it is written.
  const done = new Map<Node, PositionedNode>();

  function convert(node: Node): PositionedNode {
    const known = done.get(node);
    if (known) return known;
    done.set(node, nothing(placeOf(node))); // an alias inside its own anchor ends here
    const converted = build(node);
    done.set(node, converted);
    return converted;
  }

  function build(node: Node): PositionedNode {
    const place = placeOf(node);
    if (yaml.isAlias(node)) {
      const target = node.resolve(document);
      return target ? convert(target) : nothing(place);
    }
    if (yaml.isSeq(node)) {
      return { kind: 'list', place, items: node.items.map((item) => convertUnknown(item, place)) };
    }
    if (yaml.isMap(node)) return { kind: 'map', place, entries: entries(node.items, place) };
    if (!yaml.isScalar(node)) return nothing(place);
    const value = asValue(node.value);
    const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
    return {
      kind: 'scalar',
      place,
      value,
      text: typeof value === 'string' ? value : (node.source ?? ''),
      quoted,
    };
  }

  const convertUnknown = (node: unknown, place: Place): PositionedNode =>
    yaml.isNode(node) ? convert(node) : nothing(place);

  function entries(pairs: readonly { key: unknown; value: unknown }[], at: Place): PositionedEntry[] {
    const own: PositionedEntry[] = [];
    const merged: PositionedEntry[] = [];
    for (const pair of pairs) {
      const place = yaml.isNode(pair.key) ? placeOf(pair.key) : at;
      const key = yaml.isScalar(pair.key) ? keyText(pair.key) : String(yaml.isNode(pair.key) ? pair.key : '');
      const value = convertUnknown(pair.value, place);
      if (key !== '<<') own.push({ key, place, value });
      else
        merged.push(
          ...(value.kind === 'list' ? value.items : [value]).flatMap((m) =>
            m.kind === 'map' ? m.entries : [],
          ),
        );
    }
    for (const entry of merged) if (!own.some(({ key }) => key === entry.key)) own.push(entry);
    return own;
  }

  return convert;
}

/** As it is written where it is no text: `5`, and `<<`, whose value is a symbol. */
const keyText = (key: Scalar): string => (typeof key.value === 'string' ? key.value : (key.source ?? ''));

const asValue = (value: unknown): ScalarValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : typeof value === 'bigint'
      ? Number(value)
      : null;

const nothing = (place: Place): PositionedNode => ({
  kind: 'scalar',
  place,
  value: null,
  text: '',
  quoted: false,
});
