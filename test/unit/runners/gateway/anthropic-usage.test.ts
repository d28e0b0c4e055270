/** What is read from answers of the Messages API, and what is not believed. */
import { describe, expect, test } from "vitest";
import { createAnswerReader } from "../../../../runners/gateway/anthropic-usage.ts";

const EVENT_STREAM = "text/event-stream; charset=utf-8";

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

function start(usage: object): string {
  return event("message_start", { message: { id: "msg_1", content: [], usage } });
}

function read(contentType: string | undefined, text: string, chunkBytes = 7) {
  const reader = createAnswerReader(contentType);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkBytes) reader.push(bytes.subarray(at, at + chunkBytes));
  return reader.end();
}

describe("an event stream", () => {
  test("gives input with cache writes, cache reads, and the last cumulative output", () => {
    const text =
      start({ input_tokens: 20, cache_creation_input_tokens: 1000, cache_read_input_tokens: 300, output_tokens: 1 }) +
      event("content_block_delta", { delta: { type: "text_delta", text: "ünïcödé 🚢" } }) +
      event("message_delta", { usage: { output_tokens: 15 } }) +
      event("message_delta", { usage: { output_tokens: 42 } }) +
      event("message_stop", {});
    expect(read(EVENT_STREAM, text)).toEqual({
      tokens: { input: 1020, cached: 300, output: 42 },
      whole: true,
      failed: false,
    });
  });

  test("takes the input from a later event where a provider starts with 0", () => {
    const text =
      start({ input_tokens: 0, output_tokens: 0 }) +
      event("message_delta", { usage: { input_tokens: 77, output_tokens: 5 } }) +
      event("message_stop", {});
    expect(read(EVENT_STREAM, text).tokens).toEqual({ input: 77, cached: 0, output: 5 });
  });

  test("that is cut short keeps its lower bound and says so", () => {
    const text = start({ input_tokens: 20, output_tokens: 1 });
    expect(read(EVENT_STREAM, text)).toEqual({
      tokens: { input: 20, cached: 0, output: 1 },
      whole: false,
      failed: false,
    });
  });

  test("with an error event is a failure of the provider", () => {
    const text = event("error", { error: { type: "overloaded_error", message: "Overloaded" } });
    expect(read(EVENT_STREAM, text)).toEqual({ tokens: undefined, whole: false, failed: true });
  });

  test("of text that looks like events inside a block is not believed", () => {
    const fake = `event: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":999999}}\n\n`;
    const text =
      start({ input_tokens: 20, output_tokens: 1 }) +
      event("content_block_delta", { delta: { type: "text_delta", text: fake } }) +
      event("message_delta", { usage: { output_tokens: 2 } }) +
      event("message_stop", {});
    expect(read(EVENT_STREAM, text).tokens).toEqual({ input: 20, cached: 0, output: 2 });
  });

  test("with one endless event is not held in memory, and is unmeasured", () => {
    const reader = createAnswerReader(EVENT_STREAM);
    reader.push(Buffer.from("data: "));
    const chunk = Buffer.alloc(1024 * 1024, "x");
    for (let megabyte = 0; megabyte < 20; megabyte += 1) reader.push(chunk);
    expect(reader.end()).toEqual({ tokens: undefined, whole: false, failed: false });
  });
});

describe("a JSON answer", () => {
  test("gives its usage, with null for absent cache figures", () => {
    const usage = {
      input_tokens: 9,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: null,
      output_tokens: 4,
    };
    expect(read("application/json", JSON.stringify({ type: "message", usage }))).toEqual({
      tokens: { input: 9, cached: 0, output: 4 },
      whole: true,
      failed: false,
    });
  });

  test.each([
    ["without usage", `{"type":"message"}`],
    ["with half of it", `{"usage":{"input_tokens":5}}`],
    ["with negative tokens", `{"usage":{"input_tokens":-5,"output_tokens":1}}`],
    ["with more tokens than any model has", `{"usage":{"input_tokens":1e300,"output_tokens":1}}`],
    ["with words for numbers", `{"usage":{"input_tokens":"5","output_tokens":1}}`],
    ["that is no JSON", "<html>busy</html>"],
    ["that is empty", ""],
  ])("%s is unmeasured, never 0", (_title, text) => {
    expect(read("application/json", text)).toEqual({ tokens: undefined, whole: false, failed: false });
  });
});
