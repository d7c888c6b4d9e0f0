/** The version of this package, put in by the build; `source` when the source itself runs. */
declare const UPKEEP_VERSION: string | undefined;

export const version = typeof UPKEEP_VERSION === 'string' ? UPKEEP_VERSION : 'source';
