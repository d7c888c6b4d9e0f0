/** The part that helps of what devenv or Nix say when they fail: 130 lines of trace become one message (pure). */
import { stripVTControlCharacters } from 'node:util';

export interface Complaint {
  /** Without the place; may have several lines. */
  readonly message: string;
  readonly hint: string | null;
  /** As it was told: absolute, `./devenv.yaml`, or a copy in the store. null: nothing was told. */
  readonly place: {
    readonly path: string;
    readonly line: number | null;
    readonly column: number | null;
  } | null;
  /** The option that the complaint is about: `processes.web.exc`. */
  readonly option: string | null;
}

/**
 * The last `error:` of Nix, where there is one, else devenv's own words. Each failed assertion is a complaint of its own.
 * Empty: nothing was said.
 */
export function complaintsIn(stderr: string): readonly Complaint[] {
  const text = stripVTControlCharacters(stderr).replaceAll('\r', '');
  const lines = withoutDevenvsEnd(text.split('\n'));
  const assertions = assertionsIn(lines);
  if (assertions.length > 0) return assertions.map((message) => ({ ...nothing, message }));
  const paragraph = lastError(lines);
  if (paragraph) return [nixComplaint(paragraph)];
  const own = devenvComplaint(text);
  return own ? [own] : [];
}

const nothing: Omit<Complaint, 'message'> = { hint: null, place: null, option: null };

/** The box in which devenv repeats nix's command line, and the times of its own steps. Syntax errors are printed twice. */
function withoutDevenvsEnd(lines: readonly string[]): readonly string[] {
  const box = lines.findIndex((line) =>
    /^\s*(?:Error:)?\s*[×✖x]\s+(?:Command\b|Failed to (?:build|evaluate|run)\b(?! attribute))/.test(line),
  );
  const kept = box === -1 ? lines : lines.slice(0, box);
  return kept.filter(
    (line) =>
      !/^\s*(?:[•✖✗✓×]\s*)?(?:Building|Evaluating|Configuring|Validating|Loading|Running) \S+.*(?: in [\d.]+ ?[mµn]?s(?: \(\w+\))?|\.\.\.)\.?$/.test(
        line,
      ),
  );
}

function assertionsIn(lines: readonly string[]): readonly string[] {
  const start = lines.findLastIndex((line) => /^\s*(?:error:\s*)?Failed assertions:\s*$/.test(line));
  const found: string[] = [];
  for (const line of start === -1 ? [] : lines.slice(start + 1)) {
    const item = /^\s*- (.*\S)/.exec(line)?.[1];
    const last = found.length - 1;
    if (item !== undefined) found.push(item);
    else if (line.trim() === '' || last < 0) break;
    else found[last] += `\n${line.trim()}`;
  }
  return found;
}

/** The last `error:` that says something of its own, up to the next: what failed with it names no reason. */
function lastError(lines: readonly string[]): readonly string[] | null {
  const starts = lines.flatMap((line, at) =>
    /^\s*error:\s*\S/.test(line) && !/^\s*error:\s*(?:…|\.\.\.)/.test(line) ? [at] : [],
  );
  const paragraphs = starts.map((start, at) => lines.slice(start, starts[at + 1]));
  return paragraphs.findLast((paragraph) => !isConsequence(paragraph)) ?? paragraphs.at(-1) ?? null;
}

/** Of a build: what needs the one that failed. */
const isConsequence = ([first = '', second = '']: readonly string[]): boolean =>
  /^\s*error:\s*(?:\d+ dependenc(?:y|ies) of derivation\b|build of '|Build failed due to failed dependency)/.test(
    first,
  ) || /^\s*Reason: \d+ dependenc(?:y|ies) failed/.test(second);

const placeLine = /^\s*at (\S.*?):(\d+)(?::(\d+))?:?\s*$/;
const caretLine = /^\s*(?:\d+)?\s*\|/;

function nixComplaint(paragraph: readonly string[]): Complaint {
  const at = paragraph.findIndex((line) => placeLine.test(line));
  const told = placeLine.exec(paragraph[at] ?? '');
  const definition = paragraph.findIndex((line) => /^\s*- In [`'‘].*['’]/.test(line));
  const inFile = /- In [`'‘]([^`'’]+)['’]/.exec(paragraph[definition] ?? '')?.[1] ?? null;
  const words: string[] = [];
  let hint: string | null = null;
  for (const raw of paragraph) {
    const line = raw.trim();
    if (placeLine.test(raw) || caretLine.test(raw) || /^- In [`'‘]/.test(line)) break;
    if ((line === '' && words.length > 0) || /^(?:last \d+ log lines|Output paths):/i.test(line)) break;
    words.push(line.replace(/^error:\s*/, ''));
  }
  for (const raw of paragraph)
    hint ??= /((?:Did you mean|did you mean|It seems as if you're trying to).*)$/.exec(raw)?.[1] ?? null;
  // A failed build tells its cause in the last lines of its log, behind `>`.
  const log = paragraph.map((line) => /^\s*> (.*\S)/.exec(line)?.[1]).filter((line) => line !== undefined);
  const message = [words.join('\n').replace(/\s*Definition values:$/, ''), ...log.slice(-3)]
    .join('\n')
    .trim();
  const option = /(?:[Tt]he option|definition for option) [`'‘]([^`'’]+)['’]/.exec(message)?.[1] ?? null;
  const lost = inFile === null || inFile.startsWith('<');
  return {
    message: hint === null ? message : message.replace(hint, '').trim(),
    hint,
    place: told?.[1]
      ? { path: told[1], line: Number(told[2]), column: told[3] === undefined ? null : Number(told[3]) }
      : lost
        ? null
        : { path: inFile, line: null, column: null },
    option,
  };
}

/**
 * `Error:   × …` with its causes behind `├─▶` and `╰─▶`, wrapped at 80 columns; since 2.1 without the word, the bars and the
 * wrapping. The last cause is the reason.
 */
function devenvComplaint(text: string): Complaint | null {
  const lines = text.split('\n');
  const start = lines.findLastIndex((line) =>
    /^\s*(?:Error:\s*)?[×✖]\s|^\s*(?:[Ee]rror|ERROR):\s*\S/.test(line),
  );
  if (start === -1) return said(text);
  const parts: string[] = [];
  for (const line of lines.slice(start)) {
    const begins = /^\s*(?:Error:\s*)?[×✖]\s+(.*)$|^\s*[├╰]?─▶\s*(.*)$|^\s*(?:[Ee]rror|ERROR):\s*(.*)$/.exec(
      line,
    );
    const piece =
      (begins ? (begins[1] ?? begins[2] ?? begins[3]) : line.replace(/^\s*[│|]?\s*/, ''))?.trim() ?? '';
    if (begins) parts.push(piece);
    else if (piece === '') break;
    else parts[parts.length - 1] += ` ${piece}`;
  }
  const whole = parts.join(': ');
  const file = /\.?\/?[\w./-]*devenv(?:\.local)?\.yaml/.exec(whole)?.[0] ?? null;
  const [, line, column] = /at line (\d+) column (\d+)/.exec(whole) ?? [];
  const cause = parts.at(-1) ?? '';
  const help = /\bhelp:\s*(.*)$/.exec(whole)?.[1] ?? null;
  return {
    ...nothing,
    message: file === null && parts.length > 1 ? whole : cause.replace(/\s*at line \d+ column \d+.*$/, ''),
    hint: help,
    place:
      file === null
        ? null
        : {
            path: file,
            line: line === undefined ? null : Number(line),
            column: column === undefined ? null : Number(column),
          },
  };
}

/** No form that is known: its last words. */
function said(text: string): Complaint | null {
  const lines = text
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.length === 0 ? null : { ...nothing, message: lines.slice(-5).join('\n') };
}
