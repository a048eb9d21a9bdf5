/** A way to the API, wherever it is. */
export interface Connection {
  /** `path` begins with a slash. */
  fetch(path: string, request: { method: string; body: string | null }): Promise<Response>;
  /** The place of the Gatepost, for a person. */
  place: string;
  /** The address at which boxes reach it, as far as it is known here. */
  publicUrl: string;
  /** The address of its server; null if the folder is open here. */
  url: string | null;
  close(): Promise<void>;
}
