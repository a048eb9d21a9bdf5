import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

export interface Published {
  topic: string;
  payload: Buffer;
  qos: number;
  retain: boolean;
}

/** A broker of MQTT 3.1.1, as far as a client that only publishes needs one: it checks user, password and packets. */
export class MqttBroker {
  readonly user = "gate";
  readonly password = "broker-password";
  readonly published: Published[] = [];
  /** The code with which it refuses every connection; 0 for none. */
  refusal = 0;
  /** Whether it takes packets and never acknowledges them. */
  isSilent = false;
  /** Whether it accepts a client, and never acknowledges its messages. */
  isSilentOnceIn = false;
  /** The number of received bytes. */
  bytes = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#talk(socket));

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  get url(): string {
    return `mqtt://${this.user}@127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #talk(socket: Socket): void {
    this.#sockets.add(socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket)));
    let rest = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      this.bytes += chunk.length;
      rest = Buffer.concat([rest, chunk]);
      for (let packet = packetIn(rest); packet !== null; packet = packetIn(rest)) {
        rest = rest.subarray(packet.size);
        const answer = this.#take(packet);
        if (!this.isSilent && answer !== null) socket.write(answer);
        if (answer?.[0] === 0x20 && answer[3] !== 0) socket.end();
      }
    });
  }

  #take({ head, body }: Packet): Buffer | null {
    const kind = head >> 4;
    if (kind === 1) return Buffer.from([0x20, 2, 0, this.refusal !== 0 ? this.refusal : this.#admit(body)]);
    if (kind !== 3) return null;
    const qos = (head >> 1) & 3;
    const [topic, afterTopic] = textAt(body, 0);
    const payload = body.subarray(afterTopic + (qos > 0 ? 2 : 0));
    this.published.push({ topic, payload, qos, retain: (head & 1) === 1 });
    return qos === 1 && !this.isSilentOnceIn
      ? Buffer.from([0x40, 2, ...body.subarray(afterTopic, afterTopic + 2)])
      : null;
  }

  /** 0 if it accepts the client. */
  #admit(body: Buffer): number {
    const [protocol, at] = textAt(body, 0);
    if (protocol !== "MQTT" || body[at] !== 4) return 1;
    const [, afterId] = textAt(body, at + 4);
    const flags = body[at + 1] ?? 0;
    if ((flags & 0xc0) !== 0xc0) return 5;
    const [user, afterUser] = textAt(body, afterId);
    const [password] = textAt(body, afterUser);
    return user === this.user && password === this.password ? 0 : 4;
  }
}

interface Packet {
  head: number;
  body: Buffer;
  size: number;
}

/** The first packet of some bytes; null if it is not complete yet. */
function packetIn(bytes: Buffer): Packet | null {
  let length = 0;
  for (let index = 1; index < 5; index++) {
    const digit = bytes[index];
    if (digit === undefined) return null;
    length += (digit & 127) * 128 ** (index - 1);
    if (digit >= 128) continue;
    const size = index + 1 + length;
    return bytes.length < size ? null : { head: bytes[0] ?? 0, body: bytes.subarray(index + 1, size), size };
  }
  throw new Error("this is no packet of MQTT");
}

/** A text with its length before it, and its end. */
function textAt(bytes: Buffer, at: number): [string, number] {
  const end = at + 2 + bytes.readUInt16BE(at);
  return [bytes.subarray(at + 2, end).toString(), end];
}
