const terminalMs = 500;
const elsewhereMs = 5000;

/** A line that is rewritten on a terminal; elsewhere a new line every 5 s. */
export function liveLine(text: () => string): { end(): void } {
  const isTerminal = process.stdout.isTTY === true;
  const show = () => void process.stdout.write(isTerminal ? `\r\x1b[2K${text()}` : `${text()}\n`);
  const timer = setInterval(show, isTerminal ? terminalMs : elsewhereMs);
  return {
    end() {
      clearInterval(timer);
      show();
      if (isTerminal) process.stdout.write("\n");
    },
  };
}
