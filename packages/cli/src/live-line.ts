const every = 500;
const everyWithoutTerminal = 5000;

/** One line that is kept up to date on a terminal; elsewhere now and then a new one. */
export function liveLine(text: () => string): { end(): void } {
  const isTerminal = process.stdout.isTTY === true;
  const show = () => void process.stdout.write(isTerminal ? `\r\x1b[2K${text()}` : `${text()}\n`);
  const timer = setInterval(show, isTerminal ? every : everyWithoutTerminal);
  return {
    end() {
      clearInterval(timer);
      show();
      if (isTerminal) process.stdout.write("\n");
    },
  };
}
