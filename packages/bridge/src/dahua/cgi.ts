import { BoxError } from "../se5/box-error.ts";
import type { TerminalHttp } from "../terminals/terminal-http.ts";

/** All codes, because some firmware leaves out faces if they are asked for by name. */
export const eventsPath = "/cgi-bin/eventManager.cgi?action=attach&codes=[All]&heartbeat=5";

const networkPath = "/cgi-bin/configManager.cgi?action=getConfig&name=Network";

const addresses = /^table\.Network\.(\w{1,16})\.PhysicalAddress=([\da-f:.-]{12,17})\r?$/gim;
const mainInterface = /^table\.Network\.DefaultInterface=(\w{1,16})\r?$/im;

/**
 * Asks the terminal for its MAC. Uploaded events have it, and streamed ones do not. Throws
 * BoxError.
 */
export async function askMac(http: TerminalHttp, signal: AbortSignal): Promise<string> {
  const settings = (await http.ask({ path: networkPath, maxBytes: 64 * 1024 }, signal)).toString("latin1");
  const macs = new Map([...settings.matchAll(addresses)].map(([, name = "", mac = ""]) => [name, mac]));
  const [first] = macs.values();
  const mac = macs.get(mainInterface.exec(settings)?.[1] ?? "") ?? first;
  if (mac === undefined) throw new BoxError("configManager.cgi: no terminal of Dahua names its MAC there");
  return mac;
}
