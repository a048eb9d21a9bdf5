/** A socket that the test opens, fills and closes. */
export class TestSocket {
  readonly url: string;
  readonly sent: { since?: string; boxes?: string[] }[] = [];
  /** How often it was asked for a sign of life. */
  pings = 0;
  readyState = 0;
  onopen = () => {};
  onmessage = (_: { data: string }) => {};
  onclose = (_: { code: number; reason: string }) => {};

  constructor(url: string) {
    this.url = url;
  }

  open(): void {
    this.readyState = 1;
    this.onopen();
  }

  send(text: string): void {
    if (text === "ping") this.pings++;
    else this.sent.push(JSON.parse(text));
  }

  says(message: object): void {
    this.saysText(JSON.stringify(message));
  }

  saysText(data: string): void {
    this.onmessage({ data });
  }

  close(code = 1000, reason = ""): void {
    this.readyState = 3;
    this.onclose({ code, reason });
  }
}
