import { plannedSetup, setUpTerminal } from "@gatepost/bridge";
import { describe, expect, it } from "vitest";
import { bodyOf, listen } from "../../../standins/listen.ts";
import { atEnd } from "../../../unit/simulator/support.ts";

const signal = new AbortController().signal;
const base = "http://gate.example:9528/";
const ok = "<ResponseStatus><statusCode>1</statusCode><statusString>OK</statusString></ResponseStatus>";

interface Asked {
  method: string;
  url: string;
  body: string;
}

/** A terminal that answers each request as it is told to, and the requests. */
async function terminal(answer: (asked: Asked) => string | number) {
  const all: Asked[] = [];
  const { url, close } = await listen(async (request, response) => {
    if (request.headers.authorization === undefined) {
      response.writeHead(401, { "www-authenticate": 'Digest realm="a", nonce="b", qop="auth"' }).end();
      return;
    }
    const asked = { method: request.method ?? "", url: request.url ?? "", body: `${await bodyOf(request)}` };
    all.push(asked);
    const answered = answer(asked);
    if (typeof answered === "number") response.writeHead(answered).end();
    else response.end(answered);
  });
  atEnd(close);
  const address = { host: "127.0.0.1", port: Number(new URL(url).port), user: "admin", password: "p" };
  return { all, wanted: (to = base) => ({ ...address, base: to, token: "gpi_key" }) };
}

const kept = (path: string) => `<HttpHostNotification><id>1</id><url>${path}</url></HttpHostNotification>`;

describe("A terminal of Hikvision", () => {
  it("is given the host, the port and the path with the key", async () => {
    const { all, wanted } = await terminal(({ method }) => (method === "PUT" ? ok : kept("/gpi_key/HikEvent")));
    await setUpTerminal("hikvision", wanted(), signal);
    expect(all.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /ISAPI/Event/notification/httpHosts/1",
      "PUT /ISAPI/Event/notification/httpHosts/1",
      "GET /ISAPI/Event/notification/httpHosts/1",
    ]);
    for (const text of [
      "<url>/gpi_key/HikEvent</url><protocolType>HTTP</protocolType>",
      "<addressingFormatType>hostname</addressingFormatType><hostName>gate.example</hostName><portNo>9528</portNo>",
      "<httpAuthenticationMethod>none</httpAuthenticationMethod>",
      "<type>AccessControllerEvent</type>",
    ])
      expect(all[1]?.body).toContain(text);
  });

  it.each([
    ["https://gate.example", "<protocolType>HTTPS</protocolType>", "<portNo>443</portNo>"],
    ["http://192.168.1.5", "<ipAddress>192.168.1.5</ipAddress>", "<portNo>80</portNo>"],
  ])("is given %s with its usual port", async (to, ...texts) => {
    const { all, wanted } = await terminal(() => ok);
    await setUpTerminal("hikvision", wanted(to), signal);
    for (const text of texts) expect(all[1]?.body).toContain(text);
  });

  it("is set up without a subscription that it refuses", async () => {
    const { all, wanted } = await terminal(({ body }) => (body.includes("SubscribeEvent") ? 400 : ok));
    await setUpTerminal("hikvision", wanted(), signal);
    expect(all.map(({ body }) => body.includes("SubscribeEvent"))).toEqual([false, true, false, false]);
  });

  const other = "<addressingFormatType>hostname</addressingFormatType><hostName>other.example</hostName>";
  it.each([
    ["another address", "<ipAddress>10.0.0.9</ipAddress>", "delivers to 10.0.0.9 there; remove that"],
    ["another name", `<ipAddress>0.0.0.0</ipAddress>${other}`, "delivers to other.example there; remove that"],
  ])("is left as it is if it already delivers to %s", async (_, server, why) => {
    const { all, wanted } = await terminal(() => `<HttpHostNotification>${server}</HttpHostNotification>`);
    await expect(setUpTerminal("hikvision", wanted(), signal)).rejects.toThrow(why);
    expect(all.map(({ method }) => method)).toEqual(["GET"]);
  });

  it.each([
    ["no server", "<ipAddress>0.0.0.0</ipAddress>"],
    ["this server", "<addressingFormatType>hostname</addressingFormatType><hostName>GATE.example</hostName>"],
  ])("is set up if it delivers to %s", async (_, server) => {
    const host = `<HttpHostNotification>${server}</HttpHostNotification>`;
    const { all, wanted } = await terminal(() => (all.length === 1 ? host : ok));
    await setUpTerminal("hikvision", wanted(), signal);
    expect(all.map(({ method }) => method)).toEqual(["GET", "PUT", "GET"]);
  });

  const named = "<addressingFormatType>hostname</addressingFormatType><hostName>GATE.example</hostName>";
  const keeping = (server: string, path = "") => {
    const host = `<HttpHostNotification><url>${path}/gpi_key/HikEvent</url>${server}</HttpHostNotification>`;
    let isSet = false;
    return ({ method }: Asked) => {
      if (method !== "PUT") return isSet ? host : ok;
      isSet = true;
      return ok;
    };
  };

  it("is set up if it keeps what it was given, with a long path", async () => {
    const path = "/gate".repeat(40);
    const server = `${named}<portNo>9528</portNo><protocolType>http</protocolType>`;
    const { all, wanted } = await terminal(keeping(server, path));
    await setUpTerminal("hikvision", wanted(base + path.slice(1)), signal);
    expect(all).toHaveLength(3);
  });

  it.each([
    ["refuses it", () => 403, "the terminal answers 403"],
    ["answers an error", () => ok.replace(">1<", ">6<").replace("OK", "Invalid Content"), "6 Invalid Content"],
    ["answers control characters", () => ok.replace(">1<", ">6\u0007\u009b<"), "the terminal answers 6  OK"],
    ["keeps another path", ({ method }: Asked) => (method === "PUT" ? ok : kept("/")), "keeps another path"],
    ["fails", () => 500, "the terminal answers 500"],
    ["keeps no server", keeping("<ipAddress>0.0.0.0</ipAddress><portNo>80</portNo>"), "keeps http://0.0.0.0:80;"],
    ["keeps another port", keeping(`${named}<portNo>80</portNo>`), "keeps http://gate.example:80;"],
    ["keeps another protocol", keeping(`${named}<protocolType>HTTPS</protocolType>`), "https://gate.example:9528;"],
  ])("is not set up if it %s", async (_, answer, why) => {
    const { wanted } = await terminal(answer);
    await expect(setUpTerminal("hikvision", wanted(), signal)).rejects.toThrow(why);
  });
});

describe("A terminal of Dahua", () => {
  it("is given the server of its pictures", async () => {
    const { all, wanted } = await terminal(() => "OK\r\n");
    await setUpTerminal("dahua", wanted(), signal);
    const query = new URL(all[1]?.url ?? "", "http://terminal").searchParams;
    expect(Object.fromEntries(query)).toEqual({
      action: "setConfig",
      "PictureHttpUpload.Enable": "true",
      "PictureHttpUpload.UploadServerList[0].Address": "gate.example",
      "PictureHttpUpload.UploadServerList[0].Port": "9528",
      "PictureHttpUpload.UploadServerList[0].Uploadpath": "/gpi_key/notification",
      "PictureHttpUpload.UploadServerList[0].HttpsEnable": "false",
    });
  });

  const server = (name: string, value: string) => `table.PictureHttpUpload.UploadServerList[0].${name}=${value}\r\n`;
  const uploads = (isOn: boolean, address: string) =>
    `table.PictureHttpUpload.Enable=${isOn}\r\n${server("Address", address)}`;

  it("is left as it is if it already uploads to another server", async () => {
    const { all, wanted } = await terminal(() => uploads(true, "10.0.0.9"));
    await expect(setUpTerminal("dahua", wanted(), signal)).rejects.toThrow("delivers to 10.0.0.9 there; remove that");
    expect(all).toHaveLength(1);
  });

  it.each([
    ["off", uploads(false, "192.168.1.100")],
    ["on without a server", uploads(true, "")],
    ["on for this server", uploads(true, "gate.example")],
    ["not told", 400],
  ])("is set up if its uploads are %s", async (_, before) => {
    const after = `${server("Address", "gate.example")}${server("Port", "9528")}${server("HttpsEnable", "false")}`;
    const answers = [before, "OK", after];
    const { all, wanted } = await terminal(() => answers[all.length - 1] ?? 500);
    await setUpTerminal("dahua", wanted(), signal);
    expect(all).toHaveLength(3);
  });

  it.each([
    ["address", server("Address", "0.0.0.0"), "keeps http://0.0.0.0:9528;"],
    ["port", server("Port", "80"), "keeps http://gate.example:80;"],
    ["protocol", server("HttpsEnable", "true"), "keeps https://gate.example:9528;"],
    ["path", server("Uploadpath", "/"), "keeps another path"],
  ])("is not set up if it keeps another %s", async (_, after, why) => {
    const answers = ["", "OK", after];
    const { all, wanted } = await terminal(() => answers[all.length - 1] ?? 500);
    await expect(setUpTerminal("dahua", wanted(), signal)).rejects.toThrow(why);
  });

  it("is not set up if it answers an error", async () => {
    const { wanted } = await terminal(() => "Error\nBad Request!");
    await expect(setUpTerminal("dahua", wanted(), signal)).rejects.toThrow("answers Error Bad Request!");
  });
});

it("names the setting that it will write, without the key", () => {
  expect(plannedSetup("hikvision", base)).toBe(
    "HTTP listening host 1 (PUT /ISAPI/Event/notification/httpHosts/1): deliver events with pictures to http://gate.example:9528/gpi_…/HikEvent",
  );
});
