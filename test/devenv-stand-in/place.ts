/** Where the stand-in's own files lie: a test runs it as one compiled file, which lies elsewhere. */
export const place = import.meta.dirname;
