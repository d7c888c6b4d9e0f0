/** Splits shell text into words and operators: enough of the grammar to see which programs it runs, never to run them. */

export type ShellToken =
  | {
      readonly is: 'word';
      readonly text: string;
      /** Nothing of it was quoted: it can be a keyword or an assignment. */ readonly bare: boolean;
    }
  /** `;` stands for a newline too. */
  | { readonly is: 'operator'; readonly text: ';' | ';;' | '&' | '&&' | '|' | '||' | '(' | ')' };

/** Substitutions (`$(…)`, backticks, `${…}`) stay in the word as written. Unclosed quotes end with the text. */
export function shellTokens(text: string): readonly ShellToken[] {
  const tokens: ShellToken[] = [];
  let word: string | null = null;
  let bare = true;
  let at = 0;
  const heredocs: string[] = [];

  const add = (piece: string): void => {
    word = (word ?? '') + piece;
  };
  const endWord = (): void => {
    if (word !== null) tokens.push({ is: 'word', text: word, bare });
    word = null;
    bare = true;
  };
  const operator = (symbol: Extract<ShellToken, { is: 'operator' }>['text']): void => {
    endWord();
    tokens.push({ is: 'operator', text: symbol });
  };

  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '\\') {
      if (text[at + 1] !== '\n') {
        add(text[at + 1] ?? '');
        bare = false;
      }
      at += 2;
    } else if (char === "'") {
      const end = closing(text, at + 1, "'");
      add(text.slice(at + 1, end));
      bare = false;
      at = end + 1;
    } else if (char === '"') {
      const end = doubleQuoteEnd(text, at + 1);
      add(
        text
          .slice(at + 1, end)
          .replace(/\\(["\\$`\n])/g, (_, escaped: string) => (escaped === '\n' ? '' : escaped)),
      );
      bare = false;
      at = end + 1;
    } else if (char === '$' && (text[at + 1] === '(' || text[at + 1] === '{')) {
      const end = bracketEnd(text, at + 1);
      add(text.slice(at, end + 1));
      at = end + 1;
    } else if (char === '`') {
      const end = closing(text, at + 1, '`');
      add(text.slice(at, end + 1));
      at = end + 1;
    } else if (char === '#' && word === null) {
      at = lineEnd(text, at);
    } else if (char === '\n') {
      operator(';');
      at += 1;
      for (const delimiter of heredocs.splice(0)) at = afterHeredoc(text, at, delimiter);
    } else if (/\s/.test(char)) {
      endWord();
      at += 1;
    } else if (char === '<' || char === '>' || (char === '&' && text[at + 1] === '>')) {
      // Neither the target of a redirection nor a descriptor number before it is an argument.
      if (word !== null && /^\d+$/.test(word)) word = null;
      endWord();
      const match =
        /^(?:<<-?\s*(['"\\]?)(\w+)\1?(?!<)|(?:&>>?|[<>]{1,3}[&|]?)\s*(?:\d+(?=[\s;&|)]|$)|-(?=[\s;&|)]|$))?)/.exec(
          text.slice(at),
        );
      at += match?.[0].length || 1;
      if (match?.[2]) heredocs.push(match[2]);
      else if (!/[\d-]$/.test(match?.[0] ?? '')) at = afterTarget(text, at);
    } else if (';&|()'.includes(char)) {
      const double = text.slice(at, at + 2);
      if (double === '|&') operator('|');
      else if (double === '&&' || double === '||' || double === ';;') operator(double);
      else operator(char as ';' | '&' | '|' | '(' | ')');
      at += ['&&', '||', ';;', '|&'].includes(double) ? 2 : 1;
    } else {
      add(char);
      at += 1;
    }
  }
  endWord();
  return tokens;
}

const closing = (text: string, from: number, quote: string): number => {
  const end = text.indexOf(quote, from);
  return end === -1 ? text.length : end;
};

const lineEnd = (text: string, from: number): number => closing(text, from, '\n');

function doubleQuoteEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '$' && text[at + 1] === '(') at = bracketEnd(text, at + 1);
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/** `at` is the opening bracket. */
function bracketEnd(text: string, at: number): number {
  const open = text[at];
  const close = open === '(' ? ')' : '}';
  let depth = 0;
  for (let i = at; i < text.length; i += 1) {
    if (text[i] === open) depth += 1;
    if (text[i] === close) depth -= 1;
    if (depth === 0) return i;
  }
  return text.length;
}

/** Past one redirection target: a word, quoted or not, or a process substitution. */
function afterTarget(text: string, from: number): number {
  const target = /^\s*(?:\([^)]*\)|(?:"[^"]*"|'[^']*'|\\.|[^\s;&|<>()"'\\])*)/.exec(text.slice(from));
  return from + (target?.[0].length ?? 0);
}

function afterHeredoc(text: string, from: number, delimiter: string): number {
  for (let at = from; at < text.length;) {
    const end = lineEnd(text, at);
    if (text.slice(at, end).trim() === delimiter) return end;
    at = end + 1;
  }
  return text.length;
}
