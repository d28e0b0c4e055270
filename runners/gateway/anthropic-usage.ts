/** Reads what an answer of the Anthropic Messages API used, from a copy of its bytes. */
import { createParser } from "eventsource-parser";
import { z } from "zod";
import { parseJson } from "../../src/lib/parse-json.ts";

// An answer is far smaller; a larger one is passed on but not measured.
const MAX_READ_CHARACTERS = 16 * 1024 * 1024;

// No request of any model comes near; a larger figure is no measurement.
const MAX_TOKENS = 1_000_000_000;

const Tokens = z.number().int().nonnegative().max(MAX_TOKENS).nullish();
const ReportedUsage = z.object({
  input_tokens: Tokens,
  cache_creation_input_tokens: Tokens,
  cache_read_input_tokens: Tokens,
  output_tokens: Tokens,
});
type ReportedUsage = z.infer<typeof ReportedUsage>;

const JsonAnswer = z.object({ usage: ReportedUsage });
const StreamEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("message_start"), message: z.object({ usage: ReportedUsage }) }),
  z.object({ type: z.literal("message_delta"), usage: ReportedUsage }),
  z.object({ type: z.literal("message_stop") }),
  z.object({ type: z.literal("error") }),
]);

/** Tokens of one answer. */
export interface AnswerTokens {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

/** What one answer turned out to be. */
export interface AnswerUsage {
  /** Absent: the answer had no usage that can be read. */
  readonly tokens: AnswerTokens | undefined;
  /** False: the answer was cut short, so that its tokens are a lower bound. */
  readonly whole: boolean;
  /** True: the provider reported an error in the middle of the stream. */
  readonly failed: boolean;
}

/** Takes an answer's bytes as they pass and says at its end what it used. */
export interface AnswerReader {
  push(chunk: Uint8Array): void;
  end(): AnswerUsage;
}

/** A reader for an answer of this content type. */
export function createAnswerReader(contentType: string | undefined): AnswerReader {
  return contentType?.trim().toLowerCase().startsWith("text/event-stream") ? streamReader() : jsonReader();
}

function jsonReader(): AnswerReader {
  const decoder = new TextDecoder();
  let text = "";
  return {
    push: (chunk) => {
      if (text.length <= MAX_READ_CHARACTERS) text += decoder.decode(chunk, { stream: true });
    },
    end: () => {
      const answer = JsonAnswer.safeParse(parseJson(text));
      const tokens = answer.success ? tokensOf(answer.data.usage) : undefined;
      return { tokens, whole: tokens !== undefined, failed: false };
    },
  };
}

function streamReader(): AnswerReader {
  const decoder = new TextDecoder();
  const seen: { usage: ReportedUsage | undefined; stopped: boolean; failed: boolean; unreadable: boolean } = {
    usage: undefined,
    stopped: false,
    failed: false,
    unreadable: false,
  };
  const parser = createParser({
    maxBufferSize: MAX_READ_CHARACTERS,
    onEvent: ({ data }) => {
      const event = StreamEvent.safeParse(parseJson(data));
      if (!event.success) return;
      if (event.data.type === "message_start") seen.usage = largest(seen.usage, event.data.message.usage);
      if (event.data.type === "message_delta") seen.usage = largest(seen.usage, event.data.usage);
      if (event.data.type === "message_stop") seen.stopped = true;
      if (event.data.type === "error") seen.failed = true;
    },
    onError: (error) => {
      seen.unreadable ||= error.type === "max-buffer-size-exceeded";
    },
  });
  return {
    push: (chunk) => {
      // The parser throws when it is fed after its buffer overflowed.
      if (!seen.unreadable) parser.feed(decoder.decode(chunk, { stream: true }));
    },
    end: () => {
      const tokens = seen.usage && tokensOf(seen.usage);
      return { tokens, whole: tokens !== undefined && seen.stopped && !seen.unreadable, failed: seen.failed };
    },
  };
}

/** Figures in a stream are cumulative, and some providers give 0 at the start or leave fields out of later events. */
function largest(a: ReportedUsage | undefined, b: ReportedUsage): ReportedUsage {
  return {
    input_tokens: larger(a?.input_tokens, b.input_tokens),
    cache_creation_input_tokens: larger(a?.cache_creation_input_tokens, b.cache_creation_input_tokens),
    cache_read_input_tokens: larger(a?.cache_read_input_tokens, b.cache_read_input_tokens),
    output_tokens: larger(a?.output_tokens, b.output_tokens),
  };
}

function larger(a: number | null | undefined, b: number | null | undefined): number | undefined {
  return a == null && b == null ? undefined : Math.max(a ?? 0, b ?? 0);
}

/** Without input and output there is no measurement; the cache's fields may be missing. */
function tokensOf(usage: ReportedUsage): AnswerTokens | undefined {
  if (usage.input_tokens == null || usage.output_tokens == null) return undefined;
  return {
    input: usage.input_tokens + (usage.cache_creation_input_tokens ?? 0),
    cached: usage.cache_read_input_tokens ?? 0,
    output: usage.output_tokens,
  };
}
