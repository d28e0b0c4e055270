/** Which lines of a comment are commands, and which only look like it. */
import { describe, expect, it } from "vitest";
import { newCommands, parseCommands } from "../../../src/commands/parse.ts";

function words(body: string, login = "steward"): readonly string[] {
  return parseCommands(body, login).map(({ name, args }) => `${name} ${args}`.trim());
}

describe("commands in a comment", () => {
  it.each<[string, string, readonly string[]]>([
    ["a slash at the start of a line", "/retry", ["retry"]],
    ["arguments", "/estimate 60000 high  ", ["estimate 60000 high"]],
    ["any case", "/ReTry", ["retry"]],
    ["a mention", "@steward retry", ["retry"]],
    ["a mention in any case, with a colon or comma", "@Steward: /agent opus\n@STEWARD, pause", ["agent opus", "pause"]],
    ["several among prose", "Hello\n/retry\nand\n/agent opus\nthanks", ["retry", "agent opus"]],
    ["CRLF line ends", "Hello\r\n/retry\r\n/pause\r\n", ["retry", "pause"]],
    ["up to three blanks before it", "   /retry", ["retry"]],
    ["blank lines and a line of its own after a quote", "> no\n\n/retry", ["retry"]],
    ["code spans in its arguments", "/agent `opus`", ["agent `opus`"]],
    ["a comment behind it", "/retry <!-- now -->", ["retry"]],
    ["a comment that is never closed in the middle of a line", "see a <!-- b\n/retry", ["retry"]],
    ["a lone backtick before it", "don't use ` here\n/retry", ["retry"]],
    ["an inline comment marker in code before it", "`<!--` is odd\n\n/retry", ["retry"]],
    ["a closed fence before it", "```\nx\n```\n/retry", ["retry"]],
    ["a closed list fence before it", "- ```\n  x\n  ```\n/retry", ["retry"]],
    ["a closed HTML block before it", "<pre>\nx\n</pre>\n/retry", ["retry"]],
    ["a details block around it", "<details>\n\n/retry\n\n</details>", ["retry"]],
  ])("are found with %s", (_case, body, expected) => {
    expect(words(body)).toEqual(expected);
  });

  it.each([
    ["in the middle of a line", "please /retry"],
    ["in a path", "/etc/passwd"],
    ["without a name", "/\n/ retry\n@steward"],
    ["to another account", "@steward-bot retry\n@alice retry"],
    ["in inline code", "`/retry`"],
    ["in inline code over lines", "`a\n/retry\nb`"],
    ["in longer inline code over lines", "``a ` \n/retry\nb``"],
    ["in a fence", "```\n/retry\n```"],
    ["in a fence with a language", "```sh\n/retry\n```"],
    ["in a fence that is never closed", "```\n/retry"],
    ["in a fence after a shorter one inside", "````\n```\n/retry\n````"],
    ["in a fence after another kind inside", "~~~\n```\n/retry\n~~~"],
    ["in a fence after an indented fence inside", "```\n    ```\n/retry\n```"],
    ["in a fence of a list item", "- ```\n  /retry\n  ```"],
    ["indented by four blanks", "    /retry"],
    ["indented by a tab", "\t/retry"],
    ["in a quote", "> /retry"],
    ["in a quote without a blank", ">/retry"],
    ["in an HTML comment", "<!-- \n/retry\n-->"],
    ["in an HTML comment that is never closed", "<!--\n/retry"],
    ["in an HTML comment that starts in a line", "see <!-- this\n/retry\n--> there"],
    ["behind an HTML comment", "<!-- x --> /retry"],
    ["in an HTML code block", "<pre>\n/retry\n</pre>"],
    ["in an HTML quote", "<blockquote>\n\n/retry\n\n</blockquote>"],
    ["as a list item", "- /retry"],
    ["with a name that goes on", "/retry!"],
  ])("are not found %s", (_case, body) => {
    expect(words(body)).toEqual([]);
  });

  it("know their lines", () => {
    expect(parseCommands("a\n\n<!-- x\n -->\n/retry", "steward")).toEqual([{ name: "retry", args: "", line: 5 }]);
  });

  it("take a login literally", () => {
    expect(words("@st.w retry", "st.w")).toEqual(["retry"]);
    expect(words("@stxw retry", "st.w")).toEqual([]);
  });

  it("end at twenty, at long arguments and at the end of a very long text", () => {
    expect(words("/retry\n".repeat(50))).toHaveLength(20);
    expect(parseCommands(`/estimate ${"9".repeat(5_000)}`, "steward")[0]?.args).toHaveLength(200);
    expect(words(`${"x\n".repeat(40_000)}/retry`)).toEqual([]);
  });

  it.each([
    ["backticks of many lengths", Array.from({ length: 350 }, (_, n) => "`".repeat(n + 1)).join(" ")],
    ["backticks", "`a``".repeat(16_000)],
    ["comments that never close", "x<!--".repeat(13_000)],
    ["blank lines", "\n \t".repeat(20_000)],
  ])("are looked for in %s to the end", (_case, body) => {
    expect(words(body)).toEqual([]);
  });
});

describe("an edited comment", () => {
  function added(before: string, after: string): readonly string[] {
    return newCommands(before, after, "steward").map(({ name, args }) => `${name} ${args}`.trim());
  }

  it.each<[string, string, readonly string[]]>([
    ["/retry", "/retry", []],
    ["/retry", "hello\n/retry\nthere", []],
    ["/retry", "/retry\n/pause", ["pause"]],
    ["/retry", "/retry\n/retry", ["retry"]],
    ["/retry\n/pause", "/pause\n/retry", []],
    ["/estimate 10", "/estimate 20", ["estimate 20"]],
    ["`/cancel`", "/cancel", ["cancel"]],
    ["/cancel", "`/cancel`", []],
    ["/retry\n".repeat(25), "/retry\n".repeat(24), []],
  ])("of %j into %j runs only what is new", (before, after, expected) => {
    expect(added(before, after)).toEqual(expected);
  });
});
