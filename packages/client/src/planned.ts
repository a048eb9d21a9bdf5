/** Operations that the console is written for and the document does not describe yet, in the same form. */
export type Planned = {};


export interface Rule {
  name: string;
  line?: number;
  pattern: unknown;
  target: { url: string; headers: string[]; isSigned: boolean; allowPrivate: boolean };
  waiting: number;
  dead: number;
  last: { at: string; status: number | null; ms: number } | null;
}
