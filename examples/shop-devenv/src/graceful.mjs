/** Ends the process on TERM or INT, after `close` has let go of its connections. */
export function endGracefully(close) {
  const end = async () => {
    await close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void end());
}
