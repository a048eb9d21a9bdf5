/**
 * A pattern that cannot be used. `path` is the place of the fault (`$.detail.state[0]`), the message the correction.
 */
export class PatternError extends Error {
  readonly path: string;

  constructor(path: string, advice: string) {
    super(`${path}: ${advice}`);
    this.name = "PatternError";
    this.path = path;
  }
}
