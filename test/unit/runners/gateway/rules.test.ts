/** Which calls and which bodies the gateway lets through. */
import { describe, expect, test } from "vitest";
import { outsideReach } from "../../../../runners/gateway/outside-reach.ts";
import { refusalName, routeOf } from "../../../../runners/gateway/route.ts";
import { upstreamUrl } from "../../../../runners/gateway/upstream.ts";
import { createRefusals } from "../../../../runners/refusals.ts";

describe("a call", () => {
  test.each([
    ["/v1/messages", "/v1/messages", "", true],
    ["/v1/messages?beta=true", "/v1/messages", "?beta=true", true],
    ["/v1/messages/count_tokens?beta=true", "/v1/messages/count_tokens", "?beta=true", false],
  ])("to %s is forwarded", (target, path, query, usesTokens) => {
    expect(routeOf("POST", target)).toEqual({ path, query, usesTokens });
  });

  test.each([
    ["GET", "/v1/messages"],
    ["HEAD", "/"],
    ["POST", "/"],
    ["POST", "/v1/messages/"],
    ["POST", "/v1/messages/batches"],
    ["POST", "/v1/messages/../files"],
    ["POST", "/v1/%6dessages"],
    ["POST", "/v1/messages%2f..%2ffiles"],
    ["POST", "/v1/messages#x"],
    ["POST", "//evil.example/v1/messages"],
    ["POST", "http://evil.example/v1/messages"],
    ["POST", "\\v1\\messages"],
    ["POST", "*"],
    ["post", "/v1/messages"],
    ["POST", undefined],
    [undefined, "/v1/messages"],
  ])("%s %s is refused", (method, target) => {
    expect(routeOf(method, target)).toBeUndefined();
  });

  test("goes below the endpoint's own path, and its query cannot change the path or host", () => {
    const endpoint = { api: "anthropic", url: "https://models.example:8443/api/anthropic/", key: undefined } as const;
    const route = routeOf("POST", "/v1/messages?a=b#c?d=/../@evil.example");
    expect(route && upstreamUrl(endpoint, route).href).toBe(
      "https://models.example:8443/api/anthropic/v1/messages?a=b%23c?d=/../@evil.example",
    );
  });
});

describe("the list of refusals", () => {
  test("names method and path, without query, control characters or floods", () => {
    expect(refusalName("GET", "/v1/files?secret=1")).toBe("GET /v1/files");
    expect(refusalName("GET", "/\u001b[31m<b>\n")).toBe("GET /?[31m<b>?");
    expect(refusalName("GET", `/${"a".repeat(5000)}`).length).toBeLessThan(130);
  });

  test("holds each once, and ends at fifty", () => {
    const refusals = createRefusals();
    expect(["GET /", "GET /", "HEAD /"].map(refusals.add)).toEqual([true, false, true]);
    expect(refusals.list()).toEqual(["GET /", "HEAD /"]);
    for (let n = 0; n < 1000; n += 1) refusals.add(`GET /${n}`);
    expect(refusals.list()).toHaveLength(50);
    expect(refusals.add("GET /one-more")).toBe(false);
  });
});

describe("a body", () => {
  const image = (source: object) => ({ messages: [{ role: "user", content: [{ type: "image", source }] }] });

  test.each([
    ["an MCP server that the provider connects to", { mcp_servers: [{ url: "https://evil.example" }] }, "mcp_servers"],
    ["a search run by the provider", { tools: [{ type: "web_search_20250305" }] }, "server tool web_search_20250305"],
    ["a fetch run by the provider", { tools: [{ type: "web_fetch_20250910" }] }, "server tool web_fetch_20250910"],
    ["a tool of an unknown kind", { tools: [{ type: "x\ny" }] }, "server tool x?y"],
    ["an image by address", image({ type: "url", url: "https://evil.example/?leak" }), "a source of type url"],
    [
      "a document by address in a tool's result",
      { messages: [{ content: [{ type: "tool_result", content: [{ source: { type: "url" } }] }] }] },
      "a source of type url",
    ],
  ])("with %s reaches outside", (_title, body, reach) => {
    expect(outsideReach(body)).toBe(reach);
  });

  test.each([
    ["client tools", { tools: [{ name: "Write" }, { type: "custom" }, { type: "bash_20250124" }] }],
    ["no MCP server", { mcp_servers: [] }],
    ["an image by value", image({ type: "base64", data: "AA==" })],
    [
      "a tool call whose arguments look like a source",
      { messages: [{ content: [{ type: "tool_use", input: { source: { type: "url" } } }] }] },
    ],
    ["plain text", { system: "be brief", messages: [{ role: "user", content: "type url" }] }],
  ])("with %s stays inside", (_title, body) => {
    expect(outsideReach(body)).toBeUndefined();
  });

  test("that is nested deeper than the stack is looked through", () => {
    const messages: unknown = JSON.parse(`${"[".repeat(200_000)}${"]".repeat(200_000)}`);
    expect(outsideReach({ messages })).toBeUndefined();
  });
});
