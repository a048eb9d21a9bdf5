/** The cookies of a browser. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  /** Takes the headers `Set-Cookie` of an answer. */
  take(headers: readonly string[]): void {
    for (const header of headers) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      if (value === "") this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }

  get header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }
}
