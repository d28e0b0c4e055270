/** HTTP by hand over a connection that is kept alive: it can say what no client library would. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** An answer's status, or that the server closed the connection without one. */
export type Answer = number | "closed";

/** A request, of which nothing has to be right. */
export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  /** Several values are several headers of the name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** The request as it goes over the wire; its true length is announced when it announces none. */
export function onTheWire({ method = "POST", path = "/", headers, body }: RawRequest): Buffer {
  const length = headers["transfer-encoding"] ? {} : { "content-length": `${body.length}` };
  const lines = Object.entries({ host: "localhost", ...length, ...headers }).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each) => `${name}: ${each}\r\n`),
  );
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`), body]);
}

/** The same body in one chunk, so that nobody knows its length before. */
export function chunked({ headers, body, ...request }: RawRequest): RawRequest {
  const parts = [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n0\r\n\r\n")];
  return { ...request, headers: { ...headers, "transfer-encoding": "chunked" }, body: Buffer.concat(parts) };
}

/** Sends requests one after another; opens a new connection where the last one was closed. */
export interface RawClient extends Disposable {
  /** With `end` nothing follows: the server sees the end of what it may still wait for. */
  send(bytes: Buffer, options?: { readonly end?: boolean }): Promise<Answer>;
}

/** A client of a server on this machine. */
export function createRawClient(port: number): RawClient {
  let socket: Socket | undefined;

  async function open(): Promise<Socket> {
    if (socket && !socket.destroyed && socket.writable) return socket;
    const opened = connect(port, "127.0.0.1");
    opened.setNoDelay(true);
    await once(opened, "connect");
    // What the server breaks off is told by the close that follows.
    opened.on("error", () => undefined);
    socket = opened;
    return opened;
  }

  return {
    async send(bytes, { end = false } = {}) {
      const connection = await open();
      const answered = answerOn(connection);
      if (end) connection.end(bytes);
      else connection.write(bytes);
      const { answer, isLast } = await answered;
      if (end || isLast) connection.destroy();
      return answer;
    },
    [Symbol.dispose]: () => socket?.destroy(),
  };
}

function answerOn(socket: Socket): Promise<{ readonly answer: Answer; readonly isLast: boolean }> {
  return new Promise((resolve) => {
    let text = "";
    const settle = (answer: Answer, isLast: boolean) => {
      socket.off("data", onData).off("close", onClose);
      resolve({ answer, isLast });
    };
    const onData = (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const head = text.indexOf("\r\n\r\n");
      if (head < 0) return;
      const status = Number(text.slice(9, 12));
      const isLast = /^connection: close/im.test(text.slice(0, head));
      const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, head))?.[1] ?? 0);
      if (isLast || text.length >= head + 4 + length) settle(status, isLast);
    };
    const onClose = () => settle("closed", true);
    socket.on("data", onData).on("close", onClose);
  });
}
