import * as z from "zod";

const hostTodo = "write the address as 192.168.1.80";
const portTodo = "write a port as 5555";
export const boxHost = z.string(hostTodo).regex(/^[\w.-]{1,253}$/, hostTodo);
export const port = z.int(portTodo).min(0, portTodo).max(65_535, portTodo);

const listenTodo = "write a port as 9528, or an address and a port as 127.0.0.1:9528";

/** The address to listen at: a port, or an address and a port. */
export function listenAt(standardHost: string) {
  const text = z.string().regex(/^[\w.-]{1,253}:\d{1,5}$/, listenTodo);
  const pair = text
    .transform((sent) => {
      const [name = "", number] = sent.split(":");
      return { host: name, port: Number(number) };
    })
    .refine((at) => port.safeParse(at.port).success, listenTodo);
  const alone = port.transform((number) => ({ host: standardHost, port: number }));
  return z.union([alone, pair], listenTodo);
}

/** The address of an SE5. Its ports may differ if the connection passes another device. docs/formats.md §2 (g). */
export const se5Address = z.union(
  [
    boxHost.transform((name) => ({ host: name, livePort: 5679, apiPort: 5555 })),
    z
      .strictObject({ host: boxHost, live_port: port.default(5679), api_port: port.default(5555) })
      .transform(({ host: name, live_port: livePort, api_port: apiPort }) => ({ host: name, livePort, apiPort })),
  ],
  "write the address of the SE5 as 192.168.1.80",
);
