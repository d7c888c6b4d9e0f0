/** The content id, as others see it. */
export { readContent } from './read-content.ts';
export { parseContent, serialiseContent } from './serialise.ts';
export type { ContentScope } from './scope.ts';
