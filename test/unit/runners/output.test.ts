/** Output is masked, has short lines and is bounded before anybody sees it. */
import { describe, expect, test } from "vitest";
import { createOutputLog } from "../../../runners/output.ts";

function logged(chunks: readonly (string | Buffer)[], limitBytes = 1_000_000): string {
  let text = "";
  const sink = (piece: string) => {
    text += piece;
  };
  const log = createOutputLog({ secrets: ["secret-value"], limitBytes, sink });
  for (const chunk of chunks) log.write(chunk);
  log.end();
  return text;
}

describe("createOutputLog", () => {
  test("masks a secret that comes in two chunks", () => {
    expect(logged(["my secret-", "value\n"])).toBe("my ***\n");
  });

  test("puts characters together that a chunk border cuts", () => {
    const bytes = Buffer.from("wörd 🚀\n");
    expect(logged([...bytes].map((byte) => Buffer.from([byte])))).toBe("wörd 🚀\n");
  });

  test("hands lines on as they come", () => {
    const pieces: string[] = [];
    const log = createOutputLog({ secrets: [], limitBytes: 1_000, sink: (text) => pieces.push(text) });
    log.write("one\ntwo");
    expect(pieces).toEqual(["one\n"]);
    log.end();
    expect(pieces.join("")).toBe("one\ntwo");
  });

  test("cuts a line after 64 KiB and goes on with the next one", () => {
    const lines = logged(["x".repeat(100_000), "x".repeat(100_000), "\nnext\n"]).split("\n");
    expect(lines[0]).toMatch(/^x{65536} … \(rest of the line left out\)$/);
    expect(lines.slice(1)).toEqual(["next", ""]);
  });

  test("leaves a line of exactly 64 KiB alone", () => {
    expect(logged([`${"x".repeat(65_536)}\n`])).toBe(`${"x".repeat(65_536)}\n`);
  });

  test("keeps the beginning and the end of too much output, and says how much is missing", () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}\n`);
    const text = logged(lines, 1_000);
    expect(text).toMatch(/^line 0\nline 1\n/);
    expect(text).toMatch(/line 9998\nline 9999\n$/);
    const missing = Number(/… (\d+) characters left out …/.exec(text)?.[1]);
    expect(missing).toBe(lines.join("").length - 1_000);
  });
});
