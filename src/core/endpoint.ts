/** Where a supervisor listens, as `unix:/abs/path` or `http://host:port`. */

export type Endpoint =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** sun_path holds 108 bytes with its NUL (104 on macOS); Node cuts longer paths off silently. */
export const socketPathLimit = 103;

export const formatEndpoint = (endpoint: Endpoint): string =>
  endpoint.kind === 'unix' ? `unix:${endpoint.path}` : `http://${bracketed(endpoint.host)}:${endpoint.port}`;

/** null when the text is neither form. */
export function parseEndpoint(text: string): Endpoint | null {
  if (text.startsWith('unix:/')) return { kind: 'unix', path: text.slice('unix:'.length) };
  const match = /^http:\/\/(\[[0-9a-f:]+\]|[^:/\s[\]]+):(\d{1,5})\/?$/i.exec(text);
  if (!match?.[1] || !match[2]) return null;
  const port = Number(match[2]);
  if (port < 1 || port > 65_535) return null;
  return { kind: 'tcp', host: match[1].replace(/^\[|\]$/g, ''), port };
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
