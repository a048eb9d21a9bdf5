import * as z from "zod";

/** The words in which a box refuses: a number as code up to V5R7, a word in V6. docs/acting.md. */
export interface BoxRefusal {
  code: string;
  message: string;
}

/** A box gave an unusable answer, or none. The message says what it was. */
export class BoxError extends Error {
  /** The status of the HTTP answer, if it was not 2xx. */
  readonly status: number | null;
  /** The refusal in the box's own words, if there was one, with any status. */
  readonly refusal: BoxRefusal | null;

  constructor(
    message: string,
    {
      status = null,
      refusal = null,
      ...options
    }: ErrorOptions & { status?: number | null; refusal?: BoxRefusal | null } = {},
  ) {
    super(message, options);
    this.name = "BoxError";
    this.status = status;
    this.refusal = refusal;
  }
}

/** Most characters of a box's message that people are shown. */
const maxMessage = 200;

/** Removes characters that would break a line or a terminal. */
export function plain(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, maxMessage)
    .toWellFormed();
}

/** The code is a number or its digits as text. Its name is in `message`, else in `status`. */
const refusing = z.object({
  error: z.object({
    code: z.union([z.number(), z.string()]).transform((code) => plain(String(code))),
    message: z.unknown().optional(),
    status: z.unknown().optional(),
  }),
});

/** The refusal in an answer of any HTTP status; null if there is none. */
export function refusalIn(answer: unknown): BoxRefusal | null {
  const read = refusing.safeParse(answer);
  if (!read.success) return null;
  const { code, message, status } = read.data.error;
  const text = [message, status].find((one) => typeof one === "string" && one !== "");
  return { code, message: plain(String(text ?? "")) };
}
