import { isIPv4 } from "node:net";
import type { Json } from "@gatepost/protocol";
import { readXml } from "@gatepost/receive/terminals";
import { textIn, unlessRefused } from "../hikvision/isapi.ts";
import { BoxError, plain } from "../se5/box-error.ts";
import { type TerminalAddress, TerminalHttp } from "../terminals/terminal-http.ts";

/** The makers whose terminals have a documented interface for the address to which they deliver. */
export const settableMakes = ["hikvision", "dahua"] as const;
export type SettableMake = (typeof settableMakes)[number];

interface MakeSetup {
  /** The path behind the key to which the terminal delivers. */
  path: string;
  /** The setting that is written, and how. */
  setting: string;
  write(http: TerminalHttp, url: URL, signal: AbortSignal): Promise<void>;
}

const setups: Record<SettableMake, MakeSetup> = {
  hikvision: {
    path: "/HikEvent",
    setting: "HTTP listening host 1 (PUT /ISAPI/Event/notification/httpHosts/1)",
    write: writeHikvision,
  },
  dahua: {
    path: "/notification",
    setting: "PictureHttpUpload, server 0 (configManager.cgi?action=setConfig)",
    write: writeDahua,
  },
};

/** In words, the setting that `setUpTerminal` writes. `base` is the address of the server. The key is not shown. */
export function plannedSetup(make: SettableMake, base: string): string {
  const { path, setting } = setups[make];
  return `${setting}: deliver events with pictures to ${withoutSlash(base)}/gpi_…${path}`;
}

/**
 * Lets a terminal deliver to the server at `base`, under a key. Only this setting is changed. Throws BoxError if the
 * terminal already delivers to another server there, refuses the setting, or keeps another server than it was given.
 */
export async function setUpTerminal(
  make: SettableMake,
  { base, token, ...address }: TerminalAddress & { base: string; token: string },
  signal: AbortSignal,
): Promise<void> {
  const { path, write } = setups[make];
  await write(new TerminalHttp(address), new URL(`${withoutSlash(base)}/${token}${path}`), signal);
}

const withoutSlash = (base: string) => base.replace(/\/+$/, "");

const httpHost = "/ISAPI/Event/notification/httpHosts/1";

/** Addresses of a setting that names no server. */
const noServers = ["", "0.0.0.0", "::"];

/** Throws BoxError if a setting names another server than the wanted one: an administrator has set it for something else. */
function checkFree(setting: string, present: string, wanted: string): void {
  if (noServers.includes(present) || present.toLowerCase() === wanted.toLowerCase()) return;
  throw new BoxError(`${setting}: the terminal delivers to ${plain(present)} there; remove that in its web page first`);
}

/** The server that a terminal has after it was written; null or absent for the parts that it does not tell. */
interface KeptServer {
  address?: string | null | undefined;
  port?: string | null | undefined;
  path?: string | null | undefined;
  isSecure?: boolean | null | undefined;
}

/** Throws BoxError if a terminal keeps another server than it was given: some firmware answers OK and keeps 0.0.0.0:80. */
function checkKept(setting: string, { address, port, path, isSecure: keepsHttps }: KeptServer, url: URL): void {
  const wanted = { address: url.hostname, port: portOf(url), isSecure: isSecure(url) };
  const has = {
    address: (address ?? wanted.address).toLowerCase(),
    port: port ?? wanted.port,
    isSecure: keepsHttps ?? wanted.isSecure,
  };
  const inWords = (server: typeof wanted) => `${server.isSecure ? "https" : "http"}://${server.address}:${server.port}`;
  if (inWords(has) !== inWords(wanted))
    throw new BoxError(
      `${setting}: the terminal was given ${inWords(wanted)} and keeps ${plain(inWords(has))}; set it in its web page`,
    );
  // The path has the key: it is not shown.
  if ((path ?? url.pathname) !== url.pathname)
    throw new BoxError(`${setting}: the terminal keeps another path than it was given; set it in its web page`);
}

async function writeHikvision(http: TerminalHttp, url: URL, signal: AbortSignal): Promise<void> {
  const hostNow = async () => {
    const sent = await unlessRefused(http.ask({ path: httpHost, maxBytes: 64 * 1024 }, signal));
    return sent === null ? undefined : readXml(sent.toString());
  };
  checkFree(httpHost, addressIn(await hostNow()) ?? "", url.hostname);
  const put = async (subscription: string) => {
    const body = hostXml(url, subscription);
    const sent = { method: "PUT", path: httpHost, body, contentType: "application/xml" } as const;
    return (await http.ask(sent, signal)).toString();
  };
  // Some firmware refuses a host without the events that it subscribes to, and some one with them.
  const answer = (await unlessRefused(put(accessEvents))) ?? (await put(""));
  const status = textIn(readXml(answer), "statusCode");
  const why = textIn(readXml(answer), "statusString") ?? "";
  // 7: it takes effect after a restart.
  if (status !== null && !["1", "7"].includes(status))
    throw new BoxError(`${httpHost}: the terminal answers ${plain(`${status} ${why}`)}`);
  const kept = await hostNow();
  const protocol = textIn(kept, "protocolType");
  checkKept(
    httpHost,
    {
      address: addressIn(kept),
      port: textIn(kept, "portNo"),
      path: textIn(kept, "url"),
      isSecure: protocol === null ? null : protocol.toUpperCase() === "HTTPS",
    },
    url,
  );
}

function addressIn(host: Json | undefined): string | null {
  return textIn(host, textIn(host, "addressingFormatType") === "hostname" ? "hostName" : "ipAddress");
}

const accessEvents = `<SubscribeEvent><heartbeat>30</heartbeat><eventMode>list</eventMode><EventList><Event>
<type>AccessControllerEvent</type><minorAlarm></minorAlarm><minorException></minorException>
<minorOperation></minorOperation><minorEvent></minorEvent><pictureURLType>binary</pictureURLType>
</Event></EventList></SubscribeEvent>
`;

/** Its host and path have no character that XML escapes: they were parsed as a URL. */
function hostXml(url: URL, subscription: string): string {
  const { hostname, pathname } = url;
  const host = isIPv4(hostname)
    ? `<addressingFormatType>ipaddress</addressingFormatType><ipAddress>${hostname}</ipAddress>`
    : `<addressingFormatType>hostname</addressingFormatType><hostName>${hostname}</hostName>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<HttpHostNotification version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">
<id>1</id><url>${pathname}</url><protocolType>${isSecure(url) ? "HTTPS" : "HTTP"}</protocolType>
<parameterFormatType>JSON</parameterFormatType>${host}<portNo>${portOf(url)}</portNo>
<httpAuthenticationMethod>none</httpAuthenticationMethod>
${subscription}</HttpHostNotification>
`;
}

const uploads = "/cgi-bin/configManager.cgi?action=getConfig&name=PictureHttpUpload";
const uploadsAreOn = /^table\.PictureHttpUpload\.Enable=true\r?$/im;
const uploadServer = /^table\.PictureHttpUpload\.UploadServerList\[0\]\.(\w{1,16})=([^\r\n]{0,512})/gim;

async function writeDahua(http: TerminalHttp, url: URL, signal: AbortSignal): Promise<void> {
  const server = "PictureHttpUpload.UploadServerList[0]";
  const serverNow = async () => {
    const sent = `${(await unlessRefused(http.ask({ path: uploads, maxBytes: 64 * 1024 }, signal))) ?? ""}`;
    const servers = [...sent.matchAll(uploadServer)];
    const values = new Map(servers.map(([, name = "", value = ""]) => [name.toLowerCase(), value.trim()]));
    return { isOn: uploadsAreOn.test(sent), values };
  };
  const before = await serverNow();
  checkFree("PictureHttpUpload", before.isOn ? (before.values.get("address") ?? "") : "", url.hostname);
  const settings = {
    "PictureHttpUpload.Enable": "true",
    [`${server}.Address`]: url.hostname,
    [`${server}.Port`]: portOf(url),
    [`${server}.Uploadpath`]: url.pathname,
    [`${server}.HttpsEnable`]: String(isSecure(url)),
  };
  const query = Object.entries(settings).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const path = `/cgi-bin/configManager.cgi?action=setConfig&${query.join("&")}`;
  const answer = (await http.ask({ path, maxBytes: 64 * 1024 }, signal)).toString().trim();
  if (answer.toUpperCase() !== "OK") throw new BoxError(`PictureHttpUpload: the terminal answers ${plain(answer)}`);
  const { values } = await serverNow();
  const https = values.get("httpsenable");
  checkKept(
    "PictureHttpUpload",
    {
      address: values.get("address"),
      port: values.get("port"),
      path: values.get("uploadpath"),
      isSecure: https === undefined ? null : https.toLowerCase() === "true",
    },
    url,
  );
}

const isSecure = ({ protocol }: URL) => protocol === "https:";

function portOf(url: URL): string {
  return url.port || (isSecure(url) ? "443" : "80");
}
