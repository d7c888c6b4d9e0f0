/** Values as Nix text, for a devenv.nix that a test writes. */

export type NixValue =
  string | number | boolean | null | readonly NixValue[] | { readonly [name: string]: NixValue };

export function nixText(value: NixValue, indent = ''): string {
  if (typeof value === 'string') return nixString(value);
  if (value === null || typeof value !== 'object') return String(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const entries = (value as readonly NixValue[]).map((one) => nixText(one, inner));
    return `[ ${entries.join(' ')} ]`;
  }
  const lines = Object.entries(value).map(
    ([name, one]) => `${inner}${nixName(name)} = ${nixText(one, inner)};\n`,
  );
  return lines.length === 0 ? '{ }' : `{\n${lines.join('')}${indent}}`;
}

const nixName = (name: string): string => (/^[A-Za-z_][\w'-]*$/.test(name) ? name : nixString(name));

const nixString = (text: string): string =>
  `"${text.replaceAll(/[\\"]|\$(?=\{)/g, '\\$&').replaceAll('\n', '\\n')}"`;
