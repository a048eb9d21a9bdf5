/** A pattern that cannot be used; `path` says where in it (`$.detail.state[0]`), the message what to change. */
export class PatternError extends Error {
  readonly path: string;

  constructor(path: string, advice: string) {
    super(`${path}: ${advice}`);
    this.name = "PatternError";
    this.path = path;
  }
}
