/** A provider's complaint on its way into the sandbox, without the key that it may repeat. */
import { StringDecoder } from "node:string_decoder";
import { createRedactingStream } from "../../src/lib/redact.ts";

/** The text of the source with the key masked, in whatever pieces it comes. */
export async function* withoutKey(source: AsyncIterable<Buffer>, key: string): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  const masked = createRedactingStream([key]);
  for await (const chunk of source) yield masked.write(decoder.write(chunk));
  yield masked.write(decoder.end()) + masked.end();
}
