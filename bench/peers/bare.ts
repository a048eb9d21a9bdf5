import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/* The least that can be called a receiver: it reads the body, parses it and answers. Nothing is kept. */
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  JSON.parse(Buffer.concat(chunks).toString());
  response.setHeader("content-type", "application/json");
  response.end('{"message":"SUCCESS","status":0}');
});

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
