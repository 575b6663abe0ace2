/** Says when the first SIGINT, SIGTERM or SIGHUP comes; whoever presses Ctrl-C again and again ends the process at once. */
export function askedToStop(): { first: Promise<void>; signal: AbortSignal } {
  const controller = new AbortController();
  const first = new Promise<void>((resolve) => {
    let asked = 0;
    const stop = (): void => {
      asked += 1;
      if (asked === 1) {
        controller.abort();
        resolve();
      } else if (asked > 2) process.exit(130); // npm passes Ctrl-C on: the same key press may come twice
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    process.on('SIGHUP', stop);
  });
  return { first, signal: controller.signal };
}
