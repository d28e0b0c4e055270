/** The real Claude Code in a real sandbox: it edits files by what the gateway lets through, and holds no key. */
import { expect, test } from "vitest";
import { OUTSIDE_KEY, runClaudeCode } from "../support/claude-code-session.ts";
import { recordProof } from "../support/proved.ts";

const SESSION_MS = 120_000;

/** The patterns do not match themselves, for this very text is in the agent's transcript. */
const FILES_WITH = "/usr/bin/grep -rslD skip --exclude-dir=proc --exclude-dir=dev --exclude-dir=usr";

/** Everything a process in there can find out: all environments and arguments, and all files, each beside a positive control. */
const SEARCH = [
  "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' '\\n'",
  `for file in $(${FILES_WITH} 'hello, worl[d]' /); do echo "CONTROL IN $file"; done`,
  `for file in $(${FILES_WITH} 'known-outside-onl[y]' /); do echo "KEY IN $file"; done`,
].join("; ");

/** What the last tool call printed, from the request that told the model. */
function lastToolResult(body: string): string {
  const { messages } = JSON.parse(body) as { messages: { content: { content?: string }[] }[] };
  return messages.at(-1)?.content[0]?.content ?? "";
}

test("Claude Code writes and edits a file in the sandbox, and the gateway's usage is the script's", {
  timeout: SESSION_MS,
}, async () => {
  const turns = (folder: string) => [
    {
      content: [
        { type: "text", text: "I write it." },
        { type: "tool_use", name: "Write", input: { file_path: `${folder}/greeting.txt`, content: "hello\n" } },
      ],
      usage: { input_tokens: 20, cache_creation_input_tokens: 12_000, output_tokens: 60 },
    } as const,
    {
      content: [
        {
          type: "tool_use",
          name: "Edit",
          input: { file_path: `${folder}/greeting.txt`, old_string: "hello", new_string: "hello, world" },
        },
      ],
      usage: { input_tokens: 5, cache_read_input_tokens: 12_000, output_tokens: 40 },
    } as const,
    {
      content: [{ type: "tool_use", name: "Bash", input: { command: SEARCH, description: "Search" } }],
      usage: { input_tokens: 6, cache_read_input_tokens: 12_100, output_tokens: 30 },
    } as const,
    { content: [{ type: "text", text: "All done." }], usage: { input_tokens: 900, output_tokens: 20 } } as const,
  ];
  await runClaudeCode(turns, "Greet the world in greeting.txt.\n", async ({ result, output, gateway, api, read }) => {
    expect([result.end, result.exitCode, output]).toEqual(["exit", 0, "All done.\n"]);
    expect(await read("greeting.txt")).toBe("hello, world\n");
    expect(gateway.usage()).toEqual({
      requests: 4,
      inputTokens: 12_931,
      cachedTokens: 24_100,
      outputTokens: 150,
      contextTokens: 920,
      providerErrors: 0,
    });
    expect(gateway.refused()).toEqual([]);
    const bodies = api.requests.map(({ body }) => body);
    expect(bodies[0]).toContain("Greet the world in greeting.txt.");
    expect(bodies.every((body) => body.includes('"model":"profile-model"'))).toBe(true);
    expect(api.requests.map(({ headers }) => headers["x-api-key"])).toEqual(bodies.map(() => OUTSIDE_KEY));
    const found = lastToolResult(bodies.at(-1) ?? "");
    expect(found).toContain("ANTHROPIC_API_KEY=opens-nothing\n");
    expect(found).toContain("--dangerously-skip-permissions");
    expect(found).toMatch(/^CONTROL IN \/.*greeting\.txt$/m);
    expect(found).not.toContain(OUTSIDE_KEY);
    expect(found).not.toMatch(/^KEY IN /m);
  });
  recordProof("agent", "Claude Code");
});

test("Claude Code does not claim anything when its provider answers with errors only", {
  timeout: SESSION_MS,
}, async () => {
  const turns = () => [{ status: 529, error: "overloaded" }];
  await runClaudeCode(turns, "Greet the world.\n", async ({ result, gateway }) => {
    expect([result.end, result.exitCode]).toEqual(["exit", 1]);
    const usage = gateway.usage();
    expect(usage?.providerErrors).toBeGreaterThan(0);
    expect(usage).toMatchObject({ requests: usage?.providerErrors, inputTokens: 0, outputTokens: 0 });
  });
});
