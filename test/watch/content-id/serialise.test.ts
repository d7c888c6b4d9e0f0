/** Content survives its JSON; anything else is no content. */
import { expect, it } from 'vitest';
import { parseContent, serialiseContent } from '../../../src/watch/content-id/serialise.ts';

const content = {
  id: 'x',
  config: new Map([['.env', 'absent']]),
  code: new Map([
    ['__proto__', '1'],
    ['b\udcff', '2'],
  ]),
};

it('reads what it wrote', () => {
  expect(parseContent(serialiseContent(content))).toEqual(content);
});

it.each([
  '',
  '{',
  'null',
  '[]',
  '{"schema":2,"id":"x","config":[],"code":[]}',
  '{"schema":1,"id":"x","config":[["a"]],"code":[]}',
])('does not take %j for content', (text) => {
  expect(parseContent(text)).toBeNull();
});
