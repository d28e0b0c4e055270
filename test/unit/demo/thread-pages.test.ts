/** Pages of threads: what people see of Markdown, and nothing that runs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderMarkdown } from "../../../demo/stand-in-gitea/markdown.ts";
import { createSmallForge, REPOSITORY } from "./small-forge.ts";

const API = `/repos/${REPOSITORY}`;

test("details, sub, tables and task lists show; hidden markers do not", () => {
  const html = renderMarkdown(
    "<!-- steward:status {} -->\n<details open><summary>Log</summary>\n\n`x < 1`\n\n</details>\n\n- [x] done\n\n| a | b |\n|--|--|\n| 1 | <sub>2</sub> |\n",
  );
  expect(html).toContain("<details open><summary>Log</summary>");
  expect(html).toContain("<code>x &lt; 1</code>");
  expect(html).toContain("<sub>2</sub>");
  expect(html).toContain('type="checkbox"');
  expect(html).toContain("<table>");
  expect(html).not.toContain("steward:status");
});

test.for([
  ["<script>alert(1)</script>", "<script"],
  ["<img src=x onerror=alert(1)>", "onerror"],
  ["[x](javascript:alert(1))", "javascript:"],
  ['<a href="javascript:alert(1)">x</a>', "javascript:"],
  ["<iframe src=//evil.example></iframe>", "<iframe"],
  ["<details ontoggle=alert(1) open>", "ontoggle"],
])("%s cannot do anything", ([text, forbidden]) => {
  expect(renderMarkdown(text ?? "")).not.toContain(forbidden);
});

test("a thread is saved as one file, with its comments, labels and who did what", async () => {
  await using forge = await createSmallForge();
  await forge.call("alice", "POST", `${API}/labels`, { name: "agent/queued", color: "#00aabb", exclusive: true });
  await forge.call("alice", "POST", `${API}/issues`, { title: "Show <this>", assignees: ["steward"], labels: [1] });
  await forge.call("steward", "POST", `${API}/issues/1/comments`, { body: "**Working** on it" });
  const file = join(forge.folder, "thread.html");
  forge.standIn.saveThread(REPOSITORY, 1, file);
  const html = readFileSync(file, "utf8");
  for (const part of ["Show &lt;this&gt;", "agent/queued", "<strong>Working</strong>", "assigned steward"]) {
    expect(html).toContain(part);
  }
  const page = await fetch(`${forge.standIn.url}/${REPOSITORY}/issues/1`);
  expect(await page.text()).toBe(html);
});
