import { CookieJar } from "../../support/cookie-jar.ts";

/** A person in a browser, with the cookies that the server sets. */
export class Person {
  readonly #url: string;
  #jar = new CookieJar();
  readonly origin: string;
  /** The attributes of the last cookie. */
  attributes = "";

  constructor(url: string, { isHttps }: { isHttps: boolean }) {
    this.#url = url;
    this.origin = isHttps ? url.replace("http:", "https:") : url;
  }

  get cookie(): string {
    return this.#jar.header;
  }

  set cookie(header: string) {
    this.#jar = new CookieJar();
    this.#jar.take(header.split("; "));
  }

  async ask(route: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const [method = "", path = ""] = route.split(" ");
    const browser = { origin: this.origin, "sec-fetch-site": "same-origin" };
    const answer = await fetch(this.#url + path, {
      method,
      headers: { ...browser, cookie: this.cookie, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const set = answer.headers.getSetCookie();
    this.#jar.take(set);
    const [, ...attributes] = set[0]?.split("; ") ?? [];
    if (attributes.length > 0) this.attributes = attributes.join("; ");
    return answer;
  }
}
