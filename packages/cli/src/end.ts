/** Resolves when the process is asked to end; asked again, it goes on ending. */
export function endAsked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve());
  });
}
