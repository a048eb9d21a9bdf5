/** What the deployment calls its resources. */
export interface Names {
  readonly table: string;
  readonly bucket: string;
  readonly bus: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The names in an environment, read when they are needed: a module that is only loaded needs none. */
export function namesIn(env: Environment): Names {
  return {
    get table() {
      return required(env, "GATEPOST_TABLE");
    },
    get bucket() {
      return required(env, "GATEPOST_BUCKET");
    },
    get bus() {
      return required(env, "GATEPOST_BUS");
    },
  };
}

export function required(env: Environment, name: string): string {
  const value = env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set`);
  return value;
}
