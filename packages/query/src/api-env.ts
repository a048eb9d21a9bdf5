/** What Hono hands to a route of the API. */
export interface ApiEnv {
  /**
   * What the runtime passes with a request: the address of the client, whether the client reaches it over https, and whom
   * to tell that it has a live key.
   */
  Bindings: { address?: string; isHttps?: boolean; onAdmitted?: () => void };
}
