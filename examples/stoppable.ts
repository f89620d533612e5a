/** Runs an example that Ctrl-C ends in order: what it began is taken down. `isTold` says which errors are told by their message alone. */
export async function stoppable(
  main: (signal: AbortSignal) => Promise<void>,
  isTold: (error: unknown) => boolean,
): Promise<void> {
  const stopped = new AbortController();
  const { signal } = stopped;
  let stoppedAt = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      // The first Ctrl-C ends the work, so that the databases are dropped; the next one ends the process at once. A signal that
      // comes within a second is still the first: both the terminal and npm send it.
      if (signal.aborted && performance.now() - stoppedAt > 1_000) process.exit(130);
      if (!signal.aborted) stoppedAt = performance.now();
      stopped.abort();
    });
  }
  try {
    await main(signal);
  } catch (error) {
    if (!signal.aborted && !isTold(error)) throw error;
    console.error(signal.aborted ? 'Stopped; the databases are dropped.' : `\n${(error as Error).message}`);
    process.exitCode = signal.aborted ? 130 : 1;
  }
}
