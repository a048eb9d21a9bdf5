import type { Connection } from "./connection.ts";
import { WrongUsage } from "./failure.ts";
import type { Target } from "./options.ts";
import { remote } from "./remote.ts";

/** Finds the API of a server elsewhere, of the one that runs on the data folder, or else opens the folder itself. */
export async function connect({ url, token, data }: Target): Promise<Connection> {
  if (url !== undefined) return remote({ url: address(url), token });
  // Loaded only here: a command for a server elsewhere does not need the runtime.
  const { openFolderApi } = await import("./runtime/folder-api.ts");
  return openFolderApi(data);
}

function address(url: string): string {
  if (!URL.canParse(url) || !/^https?:\/\//i.test(url))
    throw new WrongUsage("--url must be as https://gatepost.example");
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/+$/, "");
}
