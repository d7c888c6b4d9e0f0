/** Decides what of the caller's environment a Go build sees: enough to reach its proxy, nothing that changes the result. */

const passed: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  // Where modules come from and are kept.
  'GOPROXY',
  'GOPRIVATE',
  'GONOPROXY',
  'GONOSUMDB',
  'GOSUMDB',
  'GOINSECURE',
  'GOVCS',
  'GOAUTH',
  'NETRC',
  'GOENV',
  'GOPATH',
  'GOMODCACHE',
  'GOCACHE',
  'GOTMPDIR',
  'GOTOOLCHAIN',
  // How to reach the network.
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NIX_SSL_CERT_FILE',
]);

/**
 * The variables at the end are set, not just dropped: for one that is empty or missing, go reads the file of `go env -w`, and a
 * GOFLAGS or GOOS in there would build something else.
 */
export function goEnvironment(
  env: NodeJS.ProcessEnv,
  host: { platform: string; arch: string },
): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => passed.has(name))),
    GO111MODULE: 'on',
    GOWORK: 'off',
    GOFLAGS: '-mod=readonly',
    CGO_ENABLED: '0', // no C compiler needed
    GOOS: host.platform,
    GOARCH: architectures[host.arch] ?? host.arch,
  };
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };
