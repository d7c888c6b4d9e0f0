/** What a listening socket is, on every system: where it was bound, and what the kernel calls it. */

export interface TcpListener {
  /** As text: `127.0.0.1`, `0.0.0.0`, `::1`, `::`; IPv4 mapped into IPv6 is written as IPv4. */
  readonly host: string;
  readonly port: number;
  /** Readable for everybody, whoever owns the process. */
  readonly uid: number;
  readonly inode: string;
}

export interface UnixListener {
  /** As it was given to bind(2): perhaps relative, perhaps through symlinks, perhaps renamed or unlinked since. */
  readonly path: string;
  readonly inode: string;
}
