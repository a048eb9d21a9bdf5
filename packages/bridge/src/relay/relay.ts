import type { IncomingMessage, ServerResponse } from "node:http";
import { acknowledged, probeResponse } from "@gatepost/core/errors";
import { AuthRateLimiter, hashToken, type Key } from "@gatepost/core/keys";
import type { Log } from "@gatepost/core/log";
import { Room } from "@gatepost/core/room";
import {
  Bodies,
  boxRequestHead,
  Connections,
  closedConnectionsLog,
  hasBody,
  type Listening,
  listen,
  refuse,
  send,
} from "@gatepost/http";
import { type Admission, authenticate, bodyByGet, type RequestHead, uncached } from "@gatepost/receive";
import { answerWithoutKey, iclockRequest, keyOfSerial, notTakenAnswer, segmentsOf } from "@gatepost/receive/terminals";
import type { SpooledRequest } from "../spool/request.ts";
import type { SubscribedTerminals } from "./subscribed-terminals.ts";
import { cloudPathOf, type TerminalAnswers } from "./terminals.ts";

/** Finds the box of a request by the keys of the bridge's boxes. Throws the same errors as Gatepost's ingest. */
export type Admit = (request: RequestHead) => Promise<Admission>;

export function admission(
  boxes: readonly { name: string; token: string; serials?: readonly string[] }[],
  { clock, subscribed }: { clock: () => number; subscribed: SubscribedTerminals },
): Admit {
  const keys = new Map<string, Key>(
    boxes.map(({ name, token }) => [hashToken(token), { id: name, scope: "ingest", box: name }]),
  );
  const terminals = new Map(
    boxes.flatMap(({ serials = [], token }) => serials.map((serial) => [serial, hashToken(token)])),
  );
  const deps = {
    keys: {
      find: (tokenHash: string) => Promise.resolve(keys.get(tokenHash) ?? null),
      ofSerial: (serial: string) => Promise.resolve(keys.get(terminals.get(serial) ?? "") ?? null),
      // The keys are in the bridge's configuration, and their last use is not recorded.
      noteUse: () => Promise.resolve(),
    },
    authRateLimiter: new AuthRateLimiter(clock),
    // The bridge has no page that would show them.
    unknownTerminals: { note: () => Promise.resolve() },
  };
  const ofTerminals = { keyOf: (request: RequestHead) => keyOfSerial(request, deps) };
  const settings = { retentionDays: 0, sceneDays: null, keepFeatures: false, announceEvents: false };
  return (request) =>
    authenticate(request, {
      ...deps,
      terminals: ofTerminals,
      settings: { ...settings, openBox: subscribed.boxOf(request) },
    });
}

interface RelayOptions {
  host: string;
  port: number;
  /** Most bytes of one body. */
  maxBody: number;
  /** Most bytes of all bodies that are received at the same time. */
  maxInFlight: number;
  admit: Admit;
  /** Resolves once the report is durable. */
  take(report: SpooledRequest): Promise<void>;
  /** Answers terminals of other makers. */
  terminals: TerminalAnswers;
  /** ms since 1970. */
  now(): number;
  log: Log;
}

/**
 * Receives what boxes post, on the same paths and with the same answers as Gatepost. A report is acknowledged once it
 * is in the spool.
 */
export function serveRelay({ host, port, maxInFlight, ...deps }: RelayOptions): Promise<Listening> {
  const bodies = new Bodies(new Room(maxInFlight, Math.max(maxInFlight / 2, deps.maxBody)));
  const connections = new Connections({}, { onTooMany: closedConnectionsLog({ log: deps.log, clock: Date.now }) });
  const on = { ...deps, bodies, connections };
  return listen((request, response) => void answer(request, response, on), { host, port, connections });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  deps: Pick<RelayOptions, "admit" | "maxBody" | "take" | "terminals" | "now" | "log"> & {
    bodies: Bodies;
    connections: Connections;
  },
): Promise<void> {
  try {
    const head = boxRequestHead(request, undefined, { segmentsOf });
    const keyless = answerWithoutKey(head);
    if (keyless !== null) return send(response, keyless);
    const { box, path } = await deps.admit(head);
    deps.connections.showedKey(request.socket);
    const asked = deps.terminals.toQuestion(box, { method: head.method, path, hasBody: hasBody(request) });
    if (asked !== null) {
      const sign = deps.terminals.signOf(box, path);
      if (sign !== null) await deps.take(sign);
      return send(response, asked);
    }
    const isOfTerminal = iclockRequest(path) !== null;
    if (head.form !== undefined && !isOfTerminal) {
      await deps.take({ box, path: cloudPathOf(path), ...byGet(head.form), receipt: deps.now() });
      return send(response, uncached(acknowledged));
    }
    const probe = isOfTerminal ? null : probeResponse(head.method);
    if (probe !== null) return send(response, uncached(probe));
    await deps.bodies.read(response, { maxBytes: deps.maxBody, holder: box }, async (body) => {
      await deps.take({ box, path: cloudPathOf(path), ...contentOf(request), body });
      send(response, deps.terminals.toBody(body, { box, path, headers: head.headers }) ?? acknowledged);
    });
  } catch (error) {
    refuse(response, error, { log: deps.log, terminals: { refusal: notTakenAnswer } });
  }
}

function byGet(form: string): Omit<SpooledRequest, "box" | "path"> {
  return { ...bodyByGet(form), contentEncoding: null };
}

function contentOf({ headers }: IncomingMessage): Pick<SpooledRequest, "contentType" | "contentEncoding"> {
  return {
    contentType: headers["content-type"] ?? "application/json",
    contentEncoding: headers["content-encoding"] ?? null,
  };
}
