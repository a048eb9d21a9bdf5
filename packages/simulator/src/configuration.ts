import { isObject, type Json, type JsonObject } from "@gatepost/protocol";
import type { Version } from "./bodies/versions.ts";
import type { BoxAnswer, BoxApiRequest } from "./box-api.ts";
import type { Settings } from "./settings.ts";

/** The configuration interface of a box, as its version has it. docs/formats.md §3. */
export function configuration(version: Version, settings: Settings): (asked: BoxApiRequest) => BoxAnswer {
  if (version === "V6")
    return (asked) => asPut(asked, "POST", "/sophon/v2/face/setconfigs", (dict) => setV6(dict, settings));
  if (version === "V5R7") return (asked) => configsV5R7(asked, settings);
  return (asked) => urlForms(asked, settings);
}

/** V2 to V5R6: a form for each kind of URL. docs/formats.md §3, from SYS4.4/4, SYS4.4/7 and SYS4.5/1. */
function urlForms({ method, path, body }: BoxApiRequest, settings: Settings): BoxAnswer {
  const set = forms[path];
  if (set === undefined) return null;
  if (method === "POST" && isObject(body)) set(body, settings);
  return { data: { message: "success", ...shown(settings) } };
}

const forms: Record<string, (body: JsonObject, settings: Settings) => void> = {
  "/SophonFogSys/api/EventServerUrl": (body, settings) => {
    settings.realtimeUrls = urls(body["event_server_url"]);
    settings.realtimeNeedsRegistered = body["real_need_reg_pic"] !== false;
    settings.realtimeNeedsFace = body["real_need_recognize_face"] === true;
    settings.realtimeEncoding = body["content-type"] === "form-data" ? "form-data" : "json";
  },
  "/SophonFogSys/api/HistoryEventUrl": (body, settings) => {
    settings.historyUrls = urls(body["history_upload_event_url"]);
    settings.historyEncoding = body["content-type"] === "form-data" ? "form-data" : "json";
    settings.history = {
      registered: body["history_need_reg_pic"] !== false,
      scene: body["history_need_spot_pic"] !== false,
      face: body["history_need_recognize_face"] !== false,
    };
  },
  "/SophonFogSys/api/MonitorServerUrl": (body, settings) => {
    settings.monitorUrls = urls(body["monitor_server_url"]);
  },
};

function shown({ realtimeUrls, historyUrls, monitorUrls }: Settings): JsonObject {
  return {
    event_server_url: realtimeUrls.map(String),
    history_upload_event_url: historyUrls.map(String),
    monitor_server_url: monitorUrls.map(String),
  };
}

function configsV5R7(asked: BoxApiRequest, settings: Settings): BoxAnswer {
  const address = "/SophonConfig/api/Configs";
  if (asked.method !== "GET") return asPut(asked, "PUT", address, (dict) => setV5R7(dict, settings));
  // The comma behind the last is in the documents.
  const listed = settings.historyUrls.map((url) => `${url},`).join("");
  return asked.path === address ? { data: { HISTORY_UPLOAD_EVENT_URL: listed } } : null;
}

function asPut(
  { method, path, body }: BoxApiRequest,
  put: string,
  at: string,
  set: (dict: JsonObject) => JsonObject,
): BoxAnswer {
  const dict = isObject(body) ? body["config_dict"] : null;
  return method === put && path === at && isObject(dict) ? set(dict) : null;
}

/** V5R7: answers which of the settings it knew. docs/formats.md §3, from SYS5.11/2. */
function setV5R7(dict: JsonObject, settings: Settings): JsonObject {
  const known: Record<string, (value: Json) => void> = {
    HISTORY_UPLOAD_EVENT_URL: (value) => (settings.historyUrls = urls(value)),
    DEVICE_MONITOR_ADDR: (value) => (settings.monitorUrls = urls(value)),
  };
  const [done, failed] = applied(dict, known);
  return { data: { success_configs: done, failed_configs: failed } };
}

/** V6: answers with the new settings. docs/formats.md §3, from SYS5.11-V6/2. */
function setV6(dict: JsonObject, settings: Settings): JsonObject {
  const known: Record<string, (value: Json) => void> = {
    HISTORY_EVENT_UPLOAD_URL: (value) => (settings.historyUrls = urls(value)),
    MEDIA_DEVICE_MONITOR_URL: (value) => (settings.monitorUrls = urls(value)),
  };
  const [done, failed] = applied(dict, known);
  if (failed.length > 0) return { error: { code: "INVALID_ARGUMENTS", message: failed.join() } };
  return Object.fromEntries(done.map((name) => [name, dict[name] ?? null]));
}

function applied(dict: JsonObject, known: Record<string, (value: Json) => void>): [done: string[], failed: string[]] {
  const [done, failed]: [string[], string[]] = [[], []];
  for (const [name, value] of Object.entries(dict)) {
    known[name]?.(value);
    (name in known ? done : failed).push(name);
  }
  return [done, failed];
}

/** A list, or a text with commas, the last of them trailing. docs/formats.md §3. */
function urls(value: Json | undefined): URL[] {
  const texts = Array.isArray(value) ? value : typeof value === "string" ? value.split(",") : [];
  return texts.filter((text) => typeof text === "string" && URL.canParse(text)).map((text) => new URL(String(text)));
}
