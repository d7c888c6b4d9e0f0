/** The content on disk as one value: an id to compare, two lists for the reasons. */

/** path (relative to the root, `/`-separated) → blob hash or a marker such as `absent`. */
export type ContentList = ReadonlyMap<string, string>;

export interface Content {
  /** sha256 over both lists. Equal id, equal content. */
  readonly id: string;
  /** The named inputs: what shapes the configuration. */
  readonly config: ContentList;
  /** The sources that code services run on, less what is ignored. */
  readonly code: ContentList;
}

export interface ContentChange {
  readonly axis: 'config' | 'code';
  readonly path: string;
  readonly kind: 'added' | 'changed' | 'removed';
}
