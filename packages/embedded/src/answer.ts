import type { IncomingMessage, ServerResponse } from "node:http";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

/** ms that a refused client gets to stop sending and read why, before the connection is cut. */
const lingering = 1000;

/** Sends what a handler answered. */
export function send(response: ServerResponse, answer: APIGatewayProxyStructuredResultV2): void {
  const { statusCode = 500, headers = {}, body = "" } = answer;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
  response.setHeader("content-length", Buffer.byteLength(body));
  response.writeHead(statusCode);
  response.end(body);
}

/** Refuses a request whose body may still be coming: answers, waits a moment for the client to see it, and cuts the connection. */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  answer: APIGatewayProxyStructuredResultV2,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (request.complete) {
    send(response, answer);
    return;
  }
  response.setHeader("connection", "close");
  send(response, answer);
  request.resume();
  const cut = setTimeout(() => request.socket.destroy(), lingering);
  request.once("close", () => clearTimeout(cut));
}
