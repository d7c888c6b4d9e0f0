import { expect, it } from 'vitest';
import { formatEndpoint, parseEndpoint } from '../../src/core/endpoint.ts';

it.each([
  ['unix:/run/a b.sock', { kind: 'unix', path: '/run/a b.sock' }],
  ['http://127.0.0.1:8080', { kind: 'tcp', host: '127.0.0.1', port: 8080 }],
  ['http://[::1]:8080', { kind: 'tcp', host: '::1', port: 8080 }],
  ['http://localhost:1', { kind: 'tcp', host: 'localhost', port: 1 }],
] as const)('reads %s and writes it back', (text, endpoint) => {
  expect(parseEndpoint(text)).toEqual(endpoint);
  expect(formatEndpoint(endpoint)).toBe(text);
});

it.each([
  '',
  'unix:relative',
  'https://127.0.0.1:1',
  'http://127.0.0.1',
  'http://127.0.0.1:99999',
  '127.0.0.1:80',
  'http://a:0',
])('refuses %j', (text) => {
  expect(parseEndpoint(text)).toBeNull();
});
