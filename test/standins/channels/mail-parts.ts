/** What a mail of an alert says, and the picture in it, read as a mail program does. */
export function mailParts(data: string): { text: string; picture: Buffer | null } {
  const subject = headerOf(data.split("\n\n")[0] ?? "", "Subject").replaceAll(/=\?UTF-8\?([BQ])\?([^?]*)\?= ?/gi, word);
  const parts = data.split(/^--[^\n]+$/m).map((part) => {
    const [head = "", ...rest] = part.trimStart().split("\n\n");
    return { head, body: bytesOf(rest.join("\n\n"), headerOf(head, "Content-Transfer-Encoding")) };
  });
  const ofKind = (kind: string) =>
    parts.find(({ head }) => headerOf(head, "Content-Type").startsWith(kind))?.body ?? null;
  return { text: `${subject}\n${ofKind("text/plain") ?? ""}`, picture: ofKind("image/") };
}

function headerOf(head: string, name: string): string {
  const lines = head.replaceAll(/\n[ \t]+/g, " ").split("\n");
  return (
    lines
      .find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
      ?.slice(name.length + 1)
      .trim() ?? ""
  );
}

function word(_: string, form: string, text: string): string {
  return bytesOf(text.replaceAll("_", " "), form.toLowerCase() === "b" ? "base64" : "quoted-printable").toString();
}

function bytesOf(text: string, encoding: string): Buffer {
  if (encoding === "base64") return Buffer.from(text, "base64");
  if (encoding !== "quoted-printable") return Buffer.from(text.trimEnd());
  const bytes = text
    .replaceAll("=\n", "")
    .replaceAll(/=([0-9A-F]{2})/gi, (__, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1");
}
