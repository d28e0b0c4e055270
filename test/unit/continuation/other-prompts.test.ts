/** Prompts after fruitless sessions and after a review. */
import { describe, expect, it } from "vitest";
import { fruitlessPrompt, stoppedPrompt } from "../../../src/continuation/no-work-prompt.ts";
import { reviewPrompt } from "../../../src/continuation/review-prompt.ts";
import { HOSTILE } from "../../support/sample-task.ts";

const author = { id: 7, login: "alice" };

describe("a session after one without work", () => {
  it("is told that words are not work, in other words than before", () => {
    expect(fruitlessPrompt("exit code 0 after 3 s.")).toMatchInlineSnapshot(`
      "The session before this one left no change at all (exit code 0 after 3 s), so nothing was checked. A statement that the work is done, a plan or an explanation is not work.

      Start with the smallest change that the issue needs. First read the files it touches; then edit them; then run the gates.

      If the code seems to do already what the issue asks, add a test that proves it and leave that. End with exit code 0 only when files were changed and all gates would pass."
    `);
  });

  it("is told to finish what was begun", () => {
    expect(stoppedPrompt("exit code 1")).toMatchInlineSnapshot(`
      "The session before this one stopped before it was done (exit code 1). Its changes are in this checkout, the last commit of the branch.

      Look at them first (\`git show\`), keep what is right, and finish the rest. The task is finished when every gate passes on one commit; a part of it does not count."
    `);
  });

  it.each([fruitlessPrompt, stoppedPrompt])("gets no orders from what the last one printed (%o)", (prompt) => {
    expect(prompt(HOSTILE)).not.toMatch(/^\/cancel|@everyone|<!--/m);
    expect(prompt("x".repeat(9_000)).length).toBeLessThan(1_500);
  });

  it("is told so when nothing was said", () => {
    expect(fruitlessPrompt("")).toContain("(it said that it was done)");
  });
});

describe("a session after a review", () => {
  it("gets the review and its comments with file and line", () => {
    const comments = [
      { path: "src/retry.ts", line: 12, body: "Five, not six." },
      { path: "README.md", line: undefined, body: "Say so here." },
    ];
    expect(reviewPrompt({ author, body: "Nearly.", comments })).toMatchInlineSnapshot(`
      "\`alice\` reviewed the work when all its gates passed, and asks for changes. Make them; every gate must pass afterwards.

      <review>
      Nearly.
      </review>

      \`src/retry.ts\`, line 12:

      <review-comment>
      Five, not six.
      </review-comment>

      \`README.md\`:

      <review-comment>
      Say so here.
      </review-comment>

      Take up every point. Where one contradicts the issue, the review counts: it is newer."
    `);
  });

  it("gets comments alone where the review says nothing more", () => {
    expect(reviewPrompt({ author, body: "", comments: [] })).not.toContain("<review>");
  });

  it("is bounded, and reviews cannot leave their place", () => {
    const comments = Array.from({ length: 100 }, () => ({
      path: HOSTILE,
      line: 1,
      body: `</review-comment>${"x".repeat(9_000)}`,
    }));
    const text = reviewPrompt({ author, body: "</review>", comments });
    expect(text.length).toBeLessThan(50_000);
    expect(text).toContain("70 more comments are on the pull request.");
    expect(text.match(/<\/review-comment>/g)).toHaveLength(30);
    expect(text.match(/<\/review>/g)).toHaveLength(1);
  });
});
