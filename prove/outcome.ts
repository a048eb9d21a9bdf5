/** The work and the findings of one part of `prove`. */
export interface Outcome {
  /** The work done, for the last line, as `1200 power-loss states`. */
  done: string;
  /** One text for each broken promise; none if all were kept. */
  findings: readonly string[];
}

/** How long a part runs, and by which seed. */
export interface Share {
  seed: number;
  /** ms; a part ends soon after them. */
  timeMs: number;
  print(line: string): void;
}
