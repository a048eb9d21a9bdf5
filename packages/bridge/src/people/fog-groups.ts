import type { BoxApi } from "../se5/box-api.ts";
import { fogAnswers } from "./fog-answers.ts";
import { isMissing, isRepeatedGroup } from "./refused.ts";

/**
 * The id of a permission group, which is created if it does not exist. The answer to its creation lacks the id. The
 * request that finds it is only in the samples of V2R6, V5R6 and V5R7 (SYS5.1/ren-lian-zhu-ce-liu-cheng). For a box
 * without that request, the name is the id: a box creates a group for an unknown id, with the id as its name (MQ/3.1).
 */
export async function fogGroupId(api: BoxApi, name: string, signal: AbortSignal): Promise<string> {
  const found = await findGroup(api, name, signal);
  if (found !== undefined) return found ?? name;
  const body = { permission_name: name, description: "" };
  try {
    await api.ask({ method: "POST", path: "/SophonFogSys/api/permissions", body, answer: fogAnswers.written }, signal);
  } catch (error) {
    // Another client has just made it.
    if (!isRepeatedGroup(error)) throw error;
  }
  return (await findGroup(api, name, signal)) ?? name;
}

/** Undefined if the group does not exist, null if the box cannot be asked. */
async function findGroup(api: BoxApi, name: string, signal: AbortSignal): Promise<string | null | undefined> {
  const query = new URLSearchParams({ "info.name": name, exact: "true" });
  try {
    const path = `/SophonFace/api/permissions?${query}`;
    const { data } = await api.ask({ path, answer: fogAnswers.permissions }, signal);
    return data.find((one) => one.info.name === name)?._id;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
