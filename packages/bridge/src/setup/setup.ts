import type { JsonObject } from "@gatepost/protocol";
import * as z from "zod";
import type { BoxApi } from "../se5/box-api.ts";
import { BoxError } from "../se5/box-error.ts";

/** The URLs that a box should post to. */
export interface ReportUrls {
  realtime: string;
  history: string;
  status: string;
}

/** A configuration interface that boxes have. docs/formats.md §3. */
interface Interface {
  firmware: string;
  /** Throws BoxError if the box does not have it. */
  isThere(api: BoxApi, signal: AbortSignal): Promise<void>;
  /** Throws BoxError if the box refuses the URLs. */
  write(api: BoxApi, urls: ReportUrls, signal: AbortSignal): Promise<void>;
}

const anything = z.looseObject({});
const historyPeriod = 20;

/** docs/formats.md §3, from SYS4.4/4, SYS4.4/7 and SYS4.5/1. */
const urlForms: Interface = {
  firmware: "V2 to V5R6",
  async isThere(api, signal) {
    await api.ask({ path: "/SophonFogSys/api/HistoryEventUrl", answer: z.looseObject({ data: anything }) }, signal);
  },
  async write(api, { realtime, history, status }, signal) {
    const form = (name: string, body: JsonObject) =>
      api.ask({ method: "POST", path: `/SophonFogSys/api/${name}`, body, answer: taken }, signal);
    const shown = async (name: string, list: string) => {
      const asked = api.ask({ path: `/SophonFogSys/api/${name}`, answer: z.looseObject({ data: anything }) }, signal);
      return (await ifThere(asked))?.data[list];
    };
    const json = { "content-type": "json" };
    const realtimePictures = { real_need_reg_pic: true, real_need_recognize_face: true };
    // Not every firmware has these two: an SE5 sends real-time events over its WebSocket.
    await ifThere(
      form("EventServerUrl", {
        event_server_url: withOthers(await shown("EventServerUrl", "event_server_url"), realtime),
        ...realtimePictures,
        ...json,
      }),
    );
    await ifThere(form("MonitorServerUrl", { monitor_server_url: status, reported_peroid: historyPeriod, ...json }));
    const pictures = { history_need_reg_pic: true, history_need_spot_pic: true, history_need_recognize_face: true };
    // The key is misspelt in the documents.
    const period = { reported_peroid: historyPeriod };
    const histories = withOthers(await shown("HistoryEventUrl", "history_upload_event_url"), history);
    await form("HistoryEventUrl", { history_upload_event_url: histories, ...pictures, ...json, ...period });
  },
};

/** docs/formats.md §3, from SYS5.11/1 and SYS5.11/2. */
const configsV5R7: Interface = {
  firmware: "V5R7",
  async isThere(api, signal) {
    await api.ask({ path: "/SophonConfig/api/Configs", answer: z.looseObject({ data: anything }) }, signal);
  },
  async write(api, { history, status }, signal) {
    const path = "/SophonConfig/api/Configs";
    const present = await api.ask({ path, answer: z.looseObject({ data: anything }) }, signal);
    const histories = withOthers(present.data["HISTORY_UPLOAD_EVENT_URL"], history).join(",");
    const body = {
      config_dict: { HISTORY_UPLOAD_EVENT_URL: histories, HISTORY_CONTENT_TYPE: "json", DEVICE_MONITOR_ADDR: status },
    };
    const answer = z.looseObject({ data: z.looseObject({ failed_configs: z.array(z.string()).default([]) }) });
    const { data } = await api.ask({ method: "PUT", path, body, answer }, signal);
    if (data.failed_configs.includes("HISTORY_UPLOAD_EVENT_URL")) {
      throw new BoxError(`the box does not take ${data.failed_configs.join(", ")}`);
    }
  },
};

/** docs/formats.md §3, from SYS5.11-V6/1 to SYS5.11-V6/3. */
const configsV6: Interface = {
  firmware: "V6",
  async isThere(api, signal) {
    await api.ask({ method: "POST", path: "/sophon/v2/face/getmediadevices", body: {}, answer: anything }, signal);
  },
  async write(api, { history, status }, signal) {
    const body = { config_dict: { HISTORY_EVENT_UPLOAD_URL: history, MEDIA_DEVICE_MONITOR_URL: status } };
    await api.ask({ method: "POST", path: "/sophon/v2/face/setconfigs", body, answer: taken }, signal);
  },
};

/** Boxes answer 200 also when they refuse. */
const taken = z.looseObject({ error: z.undefined().optional() });

/**
 * Writes the URLs into a box, through the configuration interface that it has. Returns the firmware versions with this
 * interface. Throws BoxError.
 */
export async function setUp(api: BoxApi, urls: ReportUrls, signal: AbortSignal): Promise<string> {
  for (const form of [configsV5R7, urlForms, configsV6]) {
    if (!(await has(form, api, signal))) continue;
    await form.write(api, urls, signal);
    return form.firmware;
  }
  throw new BoxError("this is no SE3 or SE5: it has none of the documented configuration interfaces");
}

/** The answer; undefined if the box does not have the address. */
async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof BoxError) || error.status !== 404) throw error;
    return undefined;
  }
}

/**
 * The URLs of a box, as a list or with commas, with `url` in the place of others of its server. A box delivers to each of
 * them, so URLs of other servers stay.
 */
function withOthers(sent: unknown, url: string): string[] {
  const texts: unknown[] = typeof sent === "string" ? sent.split(",") : Array.isArray(sent) ? sent : [];
  const urls = texts.flatMap((text) => (typeof text === "string" && URL.canParse(text) ? [text.trim()] : []));
  return [...urls.filter((one) => new URL(one).host !== new URL(url).host), url];
}

/** A box that cannot be reached causes an error: it may still have the interface. */
async function has({ isThere }: Interface, api: BoxApi, signal: AbortSignal): Promise<boolean> {
  try {
    await isThere(api, signal);
    return true;
  } catch (error) {
    if (error instanceof BoxError && error.status !== null) return false;
    throw error;
  }
}
