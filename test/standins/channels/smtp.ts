import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

export interface Mail {
  from: string;
  to: string[];
  /** As it was received, with its headers. */
  data: string;
}

/** A server that takes mail: it checks the login, sender and recipient, the size, and that lines are not too long. */
export class SmtpServer {
  readonly user = "gate@example.com";
  readonly password = "app-password";
  readonly mails: Mail[] = [];
  /** Its received commands, line by line, without mails. */
  readonly commands: string[] = [];
  /** Answers that replace its own, to the command that they begin with. */
  readonly troubles = new Map<string, string>();
  /** Addresses that it takes no mail for. */
  readonly unknown = new Set<string>();
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#talk(socket));

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `smtp://${encodeURIComponent(this.user)}@127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #talk(socket: Socket): void {
    this.#sockets.add(socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket)));
    const session = { isSignedIn: false, from: "", to: [] as string[], data: null as string[] | null };
    let rest = "";
    socket.write("220 mail.test ESMTP\r\n");
    socket.on("data", (chunk) => {
      rest += chunk.toString("latin1");
      for (let end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        const answer = session.data === null ? this.#command(line, session) : this.#dataLine(line, session);
        if (answer !== "") socket.write(`${answer}\r\n`);
        if (answer.startsWith("221")) socket.end();
      }
    });
  }

  #to(address: string, session: { to: string[] }): string {
    if (this.unknown.has(address)) return "550 5.1.1 no such user";
    session.to.push(address);
    return "250 2.1.5 ok";
  }

  #command(line: string, session: { isSignedIn: boolean; from: string; to: string[]; data: string[] | null }): string {
    this.commands.push(line);
    const verb = line.split(" ")[0]?.toUpperCase() ?? "";
    const trouble = this.troubles.get(verb);
    if (trouble !== undefined) return trouble;
    if (verb === "EHLO") return "250-mail.test\r\n250-SIZE 10485760\r\n250 AUTH PLAIN";
    if (verb === "AUTH") {
      const [, user, password] = Buffer.from(line.split(" ")[2] ?? "", "base64")
        .toString()
        .split("\0");
      session.isSignedIn = user === this.user && password === this.password;
      return session.isSignedIn ? "235 2.7.0 welcome" : "535 5.7.8 authentication failed";
    }
    if (verb === "QUIT") return "221 bye";
    if (!session.isSignedIn) return "530 5.7.0 authentication required";
    if (verb === "MAIL") return this.#from(/^MAIL FROM:<([^>]*)>/i.exec(line)?.[1] ?? "", session);
    if (verb === "RCPT") return this.#to(/^RCPT TO:<([^>]*)>/i.exec(line)?.[1] ?? "", session);
    if (verb !== "DATA") return "502 5.5.2 what?";
    session.data = [];
    return "354 go on";
  }

  #from(from: string, session: { from: string }): string {
    session.from = from;
    return from === this.user ? "250 2.1.0 ok" : "553 5.7.1 sender address rejected: not owned by user";
  }

  #dataLine(line: string, session: { from: string; to: string[]; data: string[] | null }): string {
    if (line !== ".") {
      session.data?.push(line.startsWith("..") ? line.slice(1) : line);
      return "";
    }
    const lines = session.data ?? [];
    session.data = null;
    if (lines.some((one) => one.length > 998)) return "500 5.5.2 line too long";
    this.mails.push({ from: session.from, to: session.to, data: lines.join("\n") });
    return "250 2.0.0 taken";
  }
}
