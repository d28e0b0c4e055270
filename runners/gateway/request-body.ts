/** Reads a request's body under a size limit and puts the profile's model into it. */
import { z } from "zod";
import { ApiError } from "./api-error.ts";

/** One request's body at most, Anthropic's own limit. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** All bodies that one gateway holds at a time: two of the largest. */
export const MAX_HELD_BYTES = 2 * MAX_BODY_BYTES;

const MessagesBody = z.looseObject({});

/** Counts the bytes that are held for all requests, so that many large ones cannot fill the runner's memory. */
export interface ByteBudget {
  held: number;
}

/** The whole body; its bytes stay on the budget until `release`. */
export async function readBody(
  request: AsyncIterable<Buffer>,
  budget: ByteBudget,
): Promise<{ readonly bytes: Buffer; readonly release: () => void }> {
  const chunks: Buffer[] = [];
  let size = 0;
  const release = () => {
    budget.held -= size;
    size = 0;
  };
  try {
    for await (const chunk of request) {
      size += chunk.length;
      budget.held += chunk.length;
      if (size > MAX_BODY_BYTES || budget.held > MAX_HELD_BYTES) throw tooLarge();
      chunks.push(chunk);
    }
    return { bytes: Buffer.concat(chunks), release };
  } catch (error) {
    release();
    throw error;
  }
}

/** The body to forward: the same JSON object, written anew, with `model` replaced when one is given. */
export function withModel(
  bytes: Buffer,
  model: string | undefined,
): { readonly body: Record<string, unknown>; readonly bytes: Buffer } {
  try {
    const body = MessagesBody.parse(JSON.parse(bytes.toString("utf8")));
    const asked = model === undefined ? body : { ...body, model };
    return { body: asked, bytes: Buffer.from(JSON.stringify(asked)) };
  } catch (error) {
    throw new ApiError(400, "invalid_request_error", "the request body must be a JSON object", { cause: error });
  }
}

function tooLarge(): ApiError {
  return new ApiError(413, "request_too_large", `request bodies are limited to ${MAX_BODY_BYTES} bytes`);
}
