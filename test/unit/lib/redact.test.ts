/** Secrets are masked in every form they are likely to be printed in, and ordinary text stays as it is. */
import { describe, expect, test } from "vitest";
import { createRedactingStream, createRedactor } from "../../../src/lib/redact.ts";

const SECRET = "s3cr3t/pa+ss wörd";
const MULTILINE = "first line of it\nsecond line of it";

const base64 = (text: string, encoding: BufferEncoding = "base64") => Buffer.from(text).toString(encoding);

describe("createRedactor", () => {
  const redact = createRedactor([SECRET, MULTILINE, "abc", "long-secret-value", "secret-value"]);

  test.each([
    ["as it is", SECRET],
    ["in JSON", JSON.stringify({ multiline: MULTILINE })],
    ["in a URL", encodeURIComponent(SECRET)],
    ["in a form", encodeURIComponent(SECRET).replaceAll("%20", "+")],
    ["in base64", base64(SECRET)],
    ["in base64, one byte further", base64(`a${SECRET}`)],
    ["in base64, two bytes further", base64(`ab${SECRET}xyz`)],
    ["in base64 for URLs", base64(SECRET, "base64url")],
    ["by one of its lines", "… second line of it …"],
  ])("masks a secret %s", (_form, text) => {
    const masked = redact(text);
    expect(masked).toContain("***");
    expect(masked).not.toContain(text);
    const middle = text.slice(Math.floor(text.length / 3), Math.floor((2 * text.length) / 3));
    expect(masked).not.toContain(middle);
  });

  test("masks the longest of secrets that contain each other as a whole", () => {
    expect(redact("long-secret-value, secret-value")).toBe("***, ***");
  });

  test("leaves secrets of less than six characters, which would blot out words", () => {
    expect(redact("abc abcdef")).toBe("abc abcdef");
  });

  test.each([
    ["sk-ant-api03-abcdefghijklmnopqrstuvwx", "***"],
    [`ghp_${"a1B2".repeat(9)}`, "***"],
    [`Authorization: token ${"0f".repeat(20)}`, "Authorization: token ***"],
    ["https://steward:hunter22@git.example/x", "https://steward:***@git.example/x"],
    ["a\n-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn\nNzaC1r\n-----END OPENSSH PRIVATE KEY-----\nb", "a\n***\nb"],
    ["-----BEGIN PRIVATE KEY-----\nnever ended", "***"],
  ])("masks what has the shape of a secret: %s", (text, masked) => {
    expect(redact(text)).toBe(masked);
  });

  test.each([
    `commit ${"0f".repeat(20)}`,
    "at Object.<anonymous> (/checkout/src/a.ts:12:34)",
    "https://packages.example.org/@scope/name@1.0.0",
    "",
  ])("leaves ordinary text: %s", (text) => {
    expect(redact(text)).toBe(text);
  });
});

describe("createRedactingStream", () => {
  const through = (text: string, size: number): string => {
    const stream = createRedactingStream([SECRET, MULTILINE]);
    let passed = "";
    for (let at = 0; at < text.length; at += size) passed += stream.write(text.slice(at, at + size));
    return passed + stream.end();
  };

  const key = "-----BEGIN RSA PRIVATE KEY-----\nAAAABBBBCCCC\nDDDDEEEEFFFF\n-----END RSA PRIVATE KEY-----";

  test.each([1, 2, 3, 7, 16, 1000])("finds what a border between pieces of %i characters cuts", (size) => {
    const text = `a ${SECRET} b\n${MULTILINE}\n${key}\nc ${base64(`x${SECRET}`)}`;
    expect(through(text, size)).toMatch(/^a \*\*\* b\n(?:\*\*\*\n){2,3}c .{0,3}\*\*\*.{0,3}$/);
  });

  test("hands a line on as soon as it is complete", () => {
    const stream = createRedactingStream([SECRET]);
    expect(stream.write("one\ntw")).toBe("one\n");
    expect(stream.write("o\rthree")).toBe("two\r");
    expect(stream.end()).toBe("three");
  });

  test("finds a secret wherever it lies in a line that never ends, and does not hold the line back", () => {
    for (const before of [65_000, 65_530, 66_550, 66_560, 67_000]) {
      const stream = createRedactingStream([SECRET]);
      const text = `${"x".repeat(before)}${SECRET}${"y".repeat(200_000)}`;
      let passed = "";
      for (let at = 0; at < text.length; at += 1_000) passed += stream.write(text.slice(at, at + 1_000));
      expect(passed.length).toBeGreaterThan(100_000);
      expect(passed + stream.end()).toBe(`${"x".repeat(before)}***${"y".repeat(200_000)}`);
    }
  });
});
