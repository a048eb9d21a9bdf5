import * as z from "zod";

/** The words in which a box refuses: a number as code up to V5R7, a word in V6. docs/acting.md. */
export interface Refusal {
  code: string;
  message: string;
}

/** A box answered something that cannot be used, or nothing; the message says what. */
export class BoxError extends Error {
  /** Of the HTTP answer, where it was not 2xx. */
  readonly status: number | null;
  /** What the box said, where it refused in its own words, with whatever status. */
  readonly refusal: Refusal | null;

  constructor(
    message: string,
    {
      status = null,
      refusal = null,
      ...options
    }: ErrorOptions & { status?: number | null; refusal?: Refusal | null } = {},
  ) {
    super(message, options);
    this.name = "BoxError";
    this.status = status;
    this.refusal = refusal;
  }
}

/** Characters of a box's message that are repeated to people. */
const maxMessage = 200;

/** Without what would break a line or a terminal. */
export function plain(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, maxMessage)
    .toWellFormed();
}

/** The code may be a number or its digits as text; what names it is `message`, else `status`. */
const refusing = z.object({
  error: z.object({
    code: z.union([z.number(), z.string()]).transform((code) => plain(String(code))),
    message: z.unknown().optional(),
    status: z.unknown().optional(),
  }),
});

/** The refusal in an answer, whatever its HTTP status was; null where it holds none. */
export function refusalIn(answer: unknown): Refusal | null {
  const read = refusing.safeParse(answer);
  if (!read.success) return null;
  const { code, message, status } = read.data.error;
  const text = [message, status].find((one) => typeof one === "string" && one !== "");
  return { code, message: plain(String(text ?? "")) };
}
