/** Operations that the console is written for and the document does not describe yet, in the same form. */
export interface Planned {
}

type None = Record<never, never>;

export interface Rule {
  name: string;
  line?: number;
  pattern: unknown;
  target: { url: string; headers: string[]; isSigned: boolean; allowPrivate: boolean };
  waiting: number;
  dead: number;
  last: { at: string; status: number | null; ms: number } | null;
}

