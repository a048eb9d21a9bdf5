/** A person in a browser, with the cookies that the server sets. */
export class Person {
  readonly #url: string;
  readonly #origin: string;
  cookie = "";
  /** The attributes of the last cookie. */
  attributes = "";

  constructor(url: string, { isHttps }: { isHttps: boolean }) {
    this.#url = url;
    this.#origin = isHttps ? url.replace("http:", "https:") : url;
  }

  async ask(route: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const [method = "", path = ""] = route.split(" ");
    const browser = { origin: this.#origin, "sec-fetch-site": "same-origin" };
    const answer = await fetch(this.#url + path, {
      method,
      headers: { ...browser, cookie: this.cookie, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const [cookie = "", ...attributes] = answer.headers.getSetCookie().flatMap((one) => one.split("; "));
    if (cookie !== "") [this.cookie, this.attributes] = [cookie, attributes.join("; ")];
    return answer;
  }
}
