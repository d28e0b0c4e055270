/** Calls over a unix socket as a program in a sandbox makes them, and upstream servers for them. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type RequestListener, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";

/** What to send; the body is written as it is. */
export interface SocketCall {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** Sends a call and resolves with the answer's head; the body is read by the caller. */
export function callSocket(socketPath: string, call: SocketCall = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { path = "/v1/messages", method = "POST", headers = {}, body = `{"model":"any","messages":[]}` } = call;
    const sent = request({ socketPath, path, method, headers, agent: false }, resolve);
    sent.on("error", reject);
    sent.end(method === "POST" ? body : undefined);
  });
}

/** Status and whole body of a call. */
export async function askSocket(socketPath: string, call: SocketCall = {}): Promise<{ status: number; body: string }> {
  const answer = await callSocket(socketPath, call);
  return { status: answer.statusCode ?? 0, body: await text(answer) };
}

/** Writes raw bytes and resolves with everything that came back before the other side hung up. */
export async function sendRaw(socketPath: string, bytes: string): Promise<string> {
  const socket = connect(socketPath);
  const closed = new Promise((resolve) => socket.on("close", resolve));
  // A server that refuses may hang up while bytes are still on their way: that is an end like any other.
  socket.on("error", () => socket.destroy());
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.write(bytes);
  await closed;
  return Buffer.concat(chunks).toString("latin1");
}

/** An HTTP server on a free port of 127.0.0.1. */
export async function openUpstream(listener: RequestListener): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${port}`, close };
}
