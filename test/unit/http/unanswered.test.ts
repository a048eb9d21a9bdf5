import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { expect, it } from "vitest";
import { Unanswered } from "../../../packages/http/src/unanswered.ts";

it("Requests are forgotten with their connection, also those that waited behind another one", () => {
  const unanswered = new Unanswered();
  const socket = new Socket();
  for (let asked = 0; asked < 2; asked++) unanswered.add(new ServerResponse(new IncomingMessage(socket)));
  expect(unanswered.has(socket)).toBe(true);
  socket.emit("close");
  expect(unanswered.has(socket)).toBe(false);
});
