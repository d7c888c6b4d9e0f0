/** Extracts one recipe of a justfile as shell text. */

/** `name` empty: the first recipe. Follows one alias. null: there is no such recipe, or it is for another interpreter. */
export function recipeText(justfile: string, name: string): string | null {
  const lines = justfile.replace(/\s*\\\r?\n\s*/g, ' ').split(/\r?\n/);
  const alias = lines
    .map((line) => /^alias\s+([\w-]+)\s*:=\s*([\w-]+)/.exec(line))
    .find((match) => match?.[1] === name);
  const wanted = alias?.[2] ?? name;
  const header = lines.findIndex((line) => {
    const match = /^@?([A-Za-z_][\w-]*)(?:\s[^:]*)?:(?!=)/.exec(line);
    return match !== null && (wanted === '' || match[1] === wanted);
  });
  if (header === -1) return null;
  const body: string[] = [];
  for (const line of lines.slice(header + 1)) {
    if (line.trim() !== '' && !/^[ \t]/.test(line)) break;
    body.push(line.trim());
  }
  const first = body.find((line) => line !== '');
  if (first?.startsWith('#!') && !/\b(?:ba|da|z|k|a)?sh\b/.test(first)) return null;
  return body
    .map((line) => line.replace(/^[@-]+/, ''))
    .join('\n')
    .trim();
}
