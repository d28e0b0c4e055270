/** A local server that plays the Anthropic Messages API from a script: JSON and event stream, with exact usage figures. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
import { z } from "zod";

/** Usage as the API reports it. */
export interface ScriptedUsage {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly output_tokens: number;
}

/** A block of an assistant's message; ids of tool calls are made up here. */
export type ScriptedBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_use"; readonly name: string; readonly input: Readonly<Record<string, unknown>> };

/** What the model says next, or the status it fails with. */
export type ScriptedTurn =
  | { readonly content: readonly ScriptedBlock[]; readonly usage?: Partial<ScriptedUsage> }
  | { readonly status: number; readonly error: string };

/** One request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A running server. */
export interface ScriptedMessagesApi {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Usage of all messages it sent in full, one entry a request. */
  readonly sent: readonly ScriptedUsage[];
  close(): Promise<void>;
}

/** The script's parameters; turn n answers a conversation that has n assistant messages, so retries get the same turn. */
export interface ScriptedMessagesOptions {
  readonly turns: readonly ScriptedTurn[];
  /** Requests with another `x-api-key` get a 401; absent: any is taken. */
  readonly key?: string;
}

const USAGE: ScriptedUsage = {
  input_tokens: 100,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 10,
};
const AFTER_THE_SCRIPT: ScriptedTurn = { content: [{ type: "text", text: "Done." }] };

const MessagesRequest = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(z.looseObject({ role: z.string() })),
  tools: z.array(z.unknown()).optional(),
});
type MessagesRequest = z.infer<typeof MessagesRequest>;

/** Starts it on a free port of 127.0.0.1. */
export async function openScriptedMessagesApi(options: ScriptedMessagesOptions): Promise<ScriptedMessagesApi> {
  const requests: SeenRequest[] = [];
  const sent: ScriptedUsage[] = [];
  const server = createServer(async (request, response) => {
    const seen = await seenRequest(request);
    requests.push(seen);
    answer(options, seen, response, (usage) => sent.push(usage));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    sent,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function seenRequest(request: IncomingMessage): Promise<SeenRequest> {
  const { method = "", url = "", headers } = request;
  return { method, url, headers, body: await readText(request) };
}

function answer(
  { turns, key }: ScriptedMessagesOptions,
  { method, url, headers, body }: SeenRequest,
  response: ServerResponse,
  onSent: (usage: ScriptedUsage) => void,
): void {
  const call = `${method} ${url.split("?")[0]}`;
  if (key !== undefined && headers["x-api-key"] !== key) fail(response, 401, "invalid x-api-key");
  else if (call === "POST /v1/messages/count_tokens") json(response, 200, { input_tokens: 100 });
  else if (call !== "POST /v1/messages") fail(response, 404, `no ${call} here`);
  else play(turns, MessagesRequest.parse(JSON.parse(body)), response, onSent);
}

function play(
  turns: readonly ScriptedTurn[],
  asked: MessagesRequest,
  response: ServerResponse,
  onSent: (usage: ScriptedUsage) => void,
): void {
  const turn = turnFor(turns, asked);
  if ("status" in turn) {
    fail(response, turn.status, turn.error);
    return;
  }
  const message = messageOf(turn, asked);
  response.on("finish", () => onSent(message.usage));
  if (asked.stream) stream(response, message);
  else json(response, 200, message);
}

function messageOf(turn: Exclude<ScriptedTurn, { status: number }>, asked: MessagesRequest) {
  const number = asked.messages.length;
  const content = turn.content.map((block, index) =>
    block.type === "text" ? block : { ...block, id: `toolu_${number}_${index}` },
  );
  return {
    id: `msg_${number}`,
    type: "message",
    role: "assistant",
    model: asked.model,
    content,
    stop_reason: content.some(({ type }) => type === "tool_use") ? "tool_use" : "end_turn",
    stop_sequence: null,
    usage: { ...USAGE, ...turn.usage },
  };
}

/** Requests without tools are a program's side calls (titles, summaries): any short text serves them. */
function turnFor(turns: readonly ScriptedTurn[], asked: MessagesRequest): ScriptedTurn {
  if (asked.tools === undefined || asked.tools.length === 0) return AFTER_THE_SCRIPT;
  const said = asked.messages.filter(({ role }) => role === "assistant").length;
  return turns[said] ?? AFTER_THE_SCRIPT;
}

type Message = ReturnType<typeof messageOf>;

function stream(response: ServerResponse, message: Message): void {
  const { content, stop_reason, usage } = message;
  const write = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
  write("message_start", {
    message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
  });
  content.forEach((block, index) => {
    const [start, delta] = startAndDelta(block);
    write("content_block_start", { index, content_block: start });
    write("content_block_delta", { index, delta });
    write("content_block_stop", { index });
  });
  write("message_delta", {
    delta: { stop_reason, stop_sequence: null },
    usage: { output_tokens: usage.output_tokens },
  });
  write("message_stop", {});
  response.end();
}

function startAndDelta(block: ScriptedBlock): [start: object, delta: object] {
  if (block.type === "text")
    return [
      { ...block, text: "" },
      { type: "text_delta", text: block.text },
    ];
  return [
    { ...block, input: {} },
    { type: "input_json_delta", partial_json: JSON.stringify(block.input) },
  ];
}

function fail(response: ServerResponse, status: number, message: string): void {
  const type = status === 529 ? "overloaded_error" : status === 401 ? "authentication_error" : "api_error";
  json(response, status, { type: "error", error: { type, message } });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
