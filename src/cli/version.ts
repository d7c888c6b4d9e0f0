/** The version of this package, written in by the build; the source says so. */
declare const UPKEEP_VERSION: string | undefined;

export const version = typeof UPKEEP_VERSION === 'string' ? UPKEEP_VERSION : 'source';
