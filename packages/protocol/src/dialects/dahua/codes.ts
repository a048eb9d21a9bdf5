import type { SignKind } from "../../terminal.ts";

/** Codes of comparisons of faces and fingers, in lower case. The maker spells the third one so. */
export const comparisons: ReadonlyMap<string, "face" | "fingerprint"> = new Map([
  ["facerecognition", "face"],
  ["citizenpicturecompare", "face"],
  ["facecomparision", "face"],
  ["fingerprintcheck", "fingerprint"],
]);

/** The code of a face that a camera sees and compares with none, in lower case. */
export const ofSeenFace = "facedetection";

/** Codes of cameras and recorders that are about no person in particular. */
const ofNobody = [
  ...["videomotion", "videomotioninfo", "videounfocus", "videoabnormaldetection", "scenechange", "lensmaskopen"],
  ...["lensmaskclose", "intelliframe", "intervideoaccess", "mdresult", "newfile", "snapmanual"],
  ...["smartmotionhuman", "smartmotionvehicle", "crosslinedetection", "crossregiondetection", "leftdetection"],
  ...["takenawaydetection", "parkingdetection", "movedetection", "wanderdetection", "rioterdetection"],
  ...["crowddetection", "numberstat", "mannumdetection", "queuenumdetection", ofSeenFace, "audiomutation"],
  ...["audioanomaly", "heatimagingtemper", "firewarning", "firewarninginfo", "storagenotexist", "storagefailure"],
  ...["storagelowspace", "storagechange", "recorddelete", "netabort", "ipconflict", "macconflict", "loginfailure"],
  ...["rtspsessiondisconnect", "timechange", "ntpadjusttime", "reboot", "systemstate", "lefunctionstatussync"],
  ...["upgrade", "configchange"],
];

/** Codes that are known to be about no person, in lower case. */
export const signs: ReadonlyMap<string, SignKind> = new Map([
  ...["heartbeat", "keepalive"].map((code) => [code, "heartbeat"] as const),
  ...["doorstatus", "doornotclosed", "breakin", "doorcontrol", "alarmlocal", "alarmoutput", "chassisintruded"].map(
    (code) => [code, "door"] as const,
  ),
  ...["videoloss", "videoblind"].map((code) => [code, "video-loss"] as const),
  ...["usermanager", "newuser"].map((code) => [code, "user-change"] as const),
  ...ofNobody.map((code) => [code, "other-sign"] as const),
]);
