/** A mail with files. */
export interface FileMail {
  /** Addresses of accounts. */
  to: readonly string[];
  subject: string;
  lines: readonly string[];
  files: readonly { name: string; contentType: string; bytes: Buffer }[];
}

/** Sends mails over the mail channel of alerts. */
export interface Mailer {
  /** The language of the channel; null if no rule has one. */
  language(): "zh" | "en" | null;
  /** Resolves to why it was not taken, in words; null if it was. */
  send(mail: FileMail): Promise<string | null>;
}
