/** The marker survives a round trip, and believes nobody else. */
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { TaskId } from "../../../src/domain/ids.ts";
import { markerDataFrom } from "../../../src/report/marked-task.ts";
import { readMarker, signMarker } from "../../../src/report/marker.ts";
import { taskWith } from "../../support/sample-task.ts";

const KEYS = ["new-key", "old-key"];
const task = taskWith();
const line = signMarker(markerDataFrom(task), KEYS);
/** Signed by our key, and still no branch that anything may be pushed to. */
const payload = Buffer.from(JSON.stringify({ ...markerDataFrom(task), branch: "main" })).toString("base64url");
const digest = createHmac("sha256", "new-key").update(`steward:status v1 ${payload}`).digest("base64url");
const foreignBranch = `<!-- steward:status v1 ${payload}.${digest} -->`;

describe("the marker", () => {
  it("reads back what was signed, from a comment with more text", () => {
    expect(readMarker(`${line}\n### Anything`, KEYS, task.id)).toEqual({ data: markerDataFrom(task) });
  });

  it("is one hidden line that cannot end early", () => {
    expect(line).toMatch(/^<!-- steward:status v1 [\w-]+\.[\w-]+ -->$/);
  });

  it("is signed by the first key and accepted from any", () => {
    const old = signMarker(markerDataFrom(task), ["old-key"]);
    expect(readMarker(old, KEYS, task.id)).toEqual({ data: markerDataFrom(task) });
    expect(readMarker(line, ["old-key"], task.id)).toBe("unsigned");
  });

  it.each([
    ["another key", line, ["other"], task.id],
    ["no key", line, [], task.id],
    ["an empty key", signMarker(markerDataFrom(task), ["x"]), [""], task.id],
    ["another issue", line, KEYS, TaskId.parse("acme/widgets#41")],
    ["a changed payload", line.replace(/v1 ./, "v1 _"), KEYS, task.id],
    ["a changed signature", line.replace(/\.(.)/, (_dot, first) => `.${first === "A" ? "B" : "A"}`), KEYS, task.id],
    ["no payload", "<!-- steward:status -->", KEYS, task.id],
    ["no signature", "<!-- steward:status v1 e30 -->", KEYS, task.id],
    ["a branch that is none of a task", foreignBranch, KEYS, task.id],
    ["another version", line.replace(" v1 ", " v2 "), KEYS, task.id],
  ])("is not believed with %s", (_case, body, keys, id) => {
    expect(readMarker(body, keys, id)).toBe("unsigned");
  });

  it.each(["", "### hello", ` ${line}`, "<!-- steward:statusx -->"])("is absent from %j", (body) => {
    expect(readMarker(body, KEYS, task.id)).toBe("absent");
  });

  it("is never made without a key", () => {
    expect(() => signMarker(markerDataFrom(task), [])).toThrow(/no key to sign/);
  });

  it("holds no words of the issue", () => {
    const [, payload = ""] = /v1 ([\w-]+)\./.exec(line) ?? [];
    expect(Buffer.from(payload, "base64url").toString()).not.toContain("Retry");
  });
});
