/** A text of a box where there is something of it to see: blanks and signs without a form name nobody. */
export const visible = (text: string | null) => (text !== null && /[^\p{Z}\p{Cc}\p{Cf}]/u.test(text) ? text : null);
