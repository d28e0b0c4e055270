/** The loop as people see it: from an assignment to an accepted pull request, and every way it can turn. */
import { expect, test, vi } from "vitest";
import { createWorld, headOf } from "../support/coordinator-world.ts";

test("an assigned issue ends with an accepted commit and a pull request that is ready", async () => {
  await using world = await createWorld();
  const issue = await world.assigned();
  const task = await world.until(issue, "review");
  const head = await headOf(world, task.branch);
  expect(task.verdict).toMatchObject({ outcome: "accepted", sha: head });
  const pull = await world.forge.findPull(world.repository, task.branch);
  expect(pull).toMatchObject({ draft: false, state: "open", head });
  expect(pull?.body).toContain(`Closes #${issue.number}`);
  const statuses = await world.forge.listStatuses(world.repository, head);
  expect(Object.fromEntries(statuses.map(({ context, state }) => [context, state]))).toEqual({
    "steward/build": "success",
    "steward/test": "success",
    "steward/verdict": "success",
  });
  expect((await world.forge.readIssue(issue))?.labels).toEqual(["agent/review"]);
  expect(await world.acts.requestedReviewers(world.repository, pull?.number ?? 0)).toEqual(["alice"]);
  const comments = await world.comments(issue);
  expect(comments.map((body) => /^<!-- steward:([a-z-]+)/.exec(body)?.[1])).toEqual(["status", "decision", "accepted"]);

  await world.acts.merge(world.repository, "alice", pull?.number ?? 0);
  await world.poke(issue);
  expect(await world.until(issue, "done")).toMatchObject({ reason: "merged with an accepted verdict" });
  expect((await world.forge.readIssue(issue))?.labels).toEqual(["agent/done"]);
});

test("a rejected claim is sent back with the failing gates only, and the next session continues on the same branch", async () => {
  await using world = await createWorld({
    gates: (job, nth) =>
      job.gate.name === "test" && nth === 1
        ? {
            outcome: "failed",
            summary: "1 failed",
            findings: [{ file: "src/a.ts", line: 7, message: "expected 5, got 6" }],
          }
        : undefined,
  });
  const issue = await world.assigned();
  const task = await world.until(issue, "review");
  expect(world.sessions).toHaveLength(2);
  expect(world.sessions[1]?.prompt).toContain("expected 5, got 6");
  expect(world.sessions[1]?.branchHead).toBeDefined();
  expect(world.sessions[1]?.branch).toBe(task.branch);
  const continuation = (await world.comments(issue)).find((body) => body.startsWith("<!-- steward:continuation"));
  expect(continuation).toContain("src/a.ts");
  expect(continuation).not.toContain("build");
});

test("a session that does nothing is asked once more, then a stronger agent gets the work", async () => {
  await using world = await createWorld({
    sessions: (job) => (job.profile === "small" ? {} : { writes: { "work.txt": "done" } }),
  });
  const issue = await world.assigned();
  await world.until(issue, "review");
  expect(world.sessions.map((session) => session.profile)).toEqual(["small", "small", "large"]);
  expect(world.sessions[1]?.prompt).not.toBe(world.sessions[0]?.prompt);
  expect((await world.comments(issue)).some((body) => body.startsWith("<!-- steward:step-up"))).toBe(true);
});

test("after `/retry` the attempts count from the first again, in all that the agent is told", async () => {
  await using world = await createWorld({
    limits: { attempts: 2, "step-up-after": 2 },
    gates: (_job, nth) => (nth <= 2 ? { outcome: "failed", summary: "exit code 2" } : undefined),
  });
  const issue = await world.assigned();
  await world.until(issue, "parked");
  await world.acts.comment(issue, "alice", "/retry");
  await world.poke(issue);
  await world.until(issue, "review");
  const told = world.sessions.map(({ prompt }) => prompt.match(/attempt \d of \d/gi));
  expect(told).toEqual([
    ["attempt 1 of 2"],
    ["attempt 2 of 2", "Attempt 2 of 2"],
    ["attempt 1 of 2", "Attempt 1 of 2"],
  ]);
  expect(world.sessions.map(({ attempt }) => attempt)).toEqual([1, 2, 1]);
});

test("work that is rejected again and again steps up, and is parked when attempts run out", async () => {
  await using world = await createWorld({
    limits: { attempts: 4, "step-up-after": 2 },
    gates: (job) => (job.gate.name === "build" ? { outcome: "failed", summary: "exit code 2" } : undefined),
  });
  const issue = await world.assigned();
  const task = await world.until(issue, "parked");
  expect(task.phase).toMatchObject({ code: "attempts" });
  expect(world.sessions.map((session) => session.profile)).toEqual(["small", "small", "large", "large"]);
  expect((await world.forge.readIssue(issue))?.labels).toEqual(["agent/needs-human"]);
});

test("an issue that is too large for every agent is refused with the way out", async () => {
  await using world = await createWorld();
  const issue = await world.assigned(
    "### Context Estimate\n- Files to modify: 60\n- Implementation complexity: high\n- Test requirements: high\n- Documentation: heavy\n\n### Difficulty\nhigh\n",
  );
  const task = await world.until(issue, "parked");
  expect(task.phase).toMatchObject({ code: "too-large" });
  expect(world.sessions).toEqual([]);
  const refusal = (await world.comments(issue)).find((body) => body.startsWith("<!-- steward:parked"));
  expect(refusal).toContain("Blocked by: #n");
  await world.acts.comment(issue, "alice", "/estimate 20000");
  await world.poke(issue);
  await world.until(issue, "review");
});

test.each([
  ["its number", (number: number) => `#${number}`],
  ["the address that people copy", (number: number) => `https://forge.test/acme/widgets/issues/${number}`],
])("an issue that names its blocker by %s waits and starts when the blocker closes", async (_how, nameOf) => {
  await using world = await createWorld();
  const blocker = await world.openIssue("First.", "First");
  const issue = await world.assigned(`### Dependencies\n- Blocked by: ${nameOf(blocker.number)}\n`);
  const task = await world.until(issue, "blocked");
  expect(task.reason).toContain(`#${blocker.number} is still open`);
  expect(world.sessions).toEqual([]);
  await world.acts.editIssue(blocker, "alice", { state: "closed" });
  await world.poke(issue);
  await world.until(issue, "review");
});

test("the forge's own dependencies block too", async () => {
  await using world = await createWorld();
  const blocker = await world.openIssue("First.", "First");
  const issue = await world.openIssue();
  await world.acts.addBlocker(issue, "alice", blocker);
  await world.acts.setAssignees(issue, "alice", ["steward"]);
  await world.poke(issue);
  await world.until(issue, "blocked");
});

test("a green verdict is withheld when the branch changed what its gates run, until a person accepts", async () => {
  await using world = await createWorld({
    integrity: [{ kind: "gate-input", file: "package.json", detail: "scripts.test changed" }],
  });
  const issue = await world.assigned();
  const task = await world.until(issue, "parked");
  expect(task.phase).toMatchObject({ code: "withheld" });
  await world.acts.comment(issue, "bob", "/accept");
  await world.poke(issue);
  await world.quiet(issue);
  expect((await world.task(issue))?.phase.state).toBe("parked");
  await world.acts.comment(issue, "alice", "/accept");
  await world.poke(issue);
  await world.until(issue, "review");
});

test("a branch that cannot be inspected is withheld, and people are told why it could not be", async () => {
  await using world = await createWorld({ inspectionFails: "the fetch failed: the server has no such commit" });
  const issue = await world.assigned();
  const task = await world.until(issue, "parked");
  expect(task).toMatchObject({ phase: { code: "withheld" }, verdict: { integrity: [{ kind: "not-inspected" }] } });
  const told = (await world.comments(issue)).find((body) => body.startsWith("<!-- steward:parked"));
  expect(told).toContain("I could not see whether the branch changed what they run");
  expect(told).toMatch(/^\| could not be inspected \|.*the server has no such commit/m);
  expect(told).not.toContain("took tests away");
});

test("a gate that cannot be run is tried again, is never told to the agent, and parks in the end", async () => {
  await using world = await createWorld({
    gates: (job) =>
      job.gate.name === "test" ? { outcome: "error", summary: "no space left on the device" } : undefined,
  });
  const issue = await world.assigned();
  const task = await world.until(issue, "parked");
  expect(task.phase).toMatchObject({ code: "our-failure" });
  expect(world.sessions).toHaveLength(1);
  expect(world.gates.filter((job) => job.gate.name === "test")).toHaveLength(3);
  expect((await world.comments(issue)).some((body) => body.startsWith("<!-- steward:continuation"))).toBe(false);
});

test("unassigning stops the session that runs, and assigning again starts anew", async () => {
  await using world = await createWorld({
    sessions: (_job, nth) => (nth === 1 ? "never ends" : { writes: { "work.txt": "2" } }),
  });
  const issue = await world.assigned();
  const working = await world.until(issue, "working");
  await world.acts.setAssignees(issue, "alice", []);
  await world.poke(issue);
  await world.until(issue, "cancelled");
  const run = working.phase.state === "working" ? working.phase.session.run : undefined;
  expect(run && (await world.deps.queue.readRun(working.id, run)).state).toBe("cancelled");
  expect((await world.forge.readIssue(issue))?.labels).toEqual([]);
  await world.acts.setAssignees(issue, "alice", ["steward"]);
  await world.poke(issue);
  await world.until(issue, "review");
  expect(world.sessions).toHaveLength(2);
});

test("a review that asks for changes goes back to work with the review as the prompt", async () => {
  await using world = await createWorld();
  const issue = await world.assigned();
  const task = await world.until(issue, "review");
  await world.acts.review(world.repository, "alice", task.pull ?? 0, {
    state: "changes-requested",
    body: "Please name it `uploadWithRetry`.",
    comments: [{ path: "work.txt", line: 1, body: "here" }],
  });
  await world.poke(issue);
  await vi.waitFor(() => expect(world.sessions).toHaveLength(2));
  await world.until(issue, "review");
  expect(world.sessions[1]?.prompt).toContain("Please name it `uploadWithRetry`.");
});

test("a person's push to an accepted branch is verified again", async () => {
  await using world = await createWorld();
  const issue = await world.assigned();
  const task = await world.until(issue, "review");
  const pushed = await world.acts.push(world.repository, "alice", task.branch, { "more.txt": "x" });
  await world.poke(issue);
  await world.quiet(issue);
  const after = await world.until(issue, "review");
  expect(after.verdict).toMatchObject({ outcome: "accepted", sha: pushed });
  expect(world.sessions).toHaveLength(1);
});

test("another account is asked, and its claim is verified", async () => {
  await using world = await createWorld({
    profiles: {
      person: {
        driver: "external",
        user: "carol",
        context: 200_000,
        difficulty: "high",
        price: { input: 0, output: 0 },
        slots: 1,
      },
    },
    gates: (job, nth) =>
      job.gate.name === "test" && nth === 1 ? { outcome: "failed", summary: "1 failed" } : undefined,
  });
  await world.acts.setPermission(world.repository, "carol", "write");
  const issue = await world.assigned();
  const task = await world.until(issue, "working");
  await world.quiet(issue);
  expect((await world.comments(issue)).some((body) => body.includes("@carol"))).toBe(true);
  expect((await world.forge.readIssue(issue))?.assignees.map((account) => account.login)).toContain("carol");
  await world.acts.push(world.repository, "carol", task.branch, { "work.txt": "1" });
  await world.poke(issue);
  await world.quiet(issue);
  expect((await world.task(issue))?.phase.state).toBe("working");
  await world.acts.comment(issue, "carol", "/done");
  await world.poke(issue);
  await world.quiet(issue);
  await world.until(issue, "working");
  expect((await world.comments(issue)).some((body) => body.startsWith("<!-- steward:continuation"))).toBe(true);
  await world.acts.push(world.repository, "carol", task.branch, { "work.txt": "2" });
  await world.acts.comment(issue, "carol", "/done");
  await world.poke(issue);
  await world.until(issue, "review");
});

test("everything is rebuilt from the forge after Redis was emptied, and nothing is said twice", async () => {
  await using world = await createWorld();
  const issue = await world.assigned();
  const before = await world.until(issue, "review");
  const comments = await world.comments(issue);
  await world.redis.connect().flushall();
  await world.poke(issue);
  const after = await world.until(issue, "review");
  await world.quiet(issue);
  expect(after).toMatchObject({ pull: before.pull, head: before.head, branch: before.branch });
  expect(await world.comments(issue)).toHaveLength(comments.length);
  expect(world.sessions).toHaveLength(1);
});

test("a comment that landed twice, because its answer was late, is there once after the next look", async () => {
  await using world = await createWorld();
  const issue = await world.assigned();
  await world.until(issue, "review");
  const { pull = 0 } = await world.until(issue, "review");
  const pullThread = { ...issue, number: pull };
  await world.acts.comment(pullThread, "alice", "/status");
  await world.poke(issue);
  await expect.poll(() => world.comments(pullThread)).toHaveLength(2);
  await world.quiet(issue);
  for (const thread of [issue, pullThread]) {
    const comments = await world.comments(thread);
    const own = comments.filter((body) => body.startsWith("<!-- steward:"));
    for (const body of own) await world.acts.comment(thread, "steward", body);
    await world.poke(issue);
    await expect.poll(() => world.comments(thread)).toEqual(comments);
  }
});

test("no gates, and rules that cannot be read, are told with the way out", async () => {
  await using bare = await createWorld({ files: { "README.md": "nothing" } });
  const without = await bare.assigned();
  expect((await bare.until(without, "parked")).phase).toMatchObject({ code: "no-gates" });
  await using wrong = await createWorld({ files: { ".gitea/steward.yml": "gates: { test: { runs: npm test } }" } });
  const broken = await wrong.assigned();
  expect((await wrong.until(broken, "parked")).phase).toMatchObject({ code: "bad-rules" });
  expect((await wrong.comments(broken)).join()).toContain("run");
});

test("issues that wait for each other are told so, and begin when the circle is broken", async () => {
  await using world = await createWorld();
  const first = await world.openIssue("### Dependencies\n- Blocked by: #2\n", "First");
  const second = await world.openIssue("### Dependencies\n- Blocked by: #1\n", "Second");
  for (const issue of [first, second]) {
    await world.acts.setAssignees(issue, "alice", ["steward"]);
    await world.poke(issue);
    await world.until(issue, "blocked");
  }
  const circle = (await world.comments(second)).find((body) => body.startsWith("<!-- steward:circle"));
  expect(circle).toContain("#2 waits for #1 waits for #2");
  await world.acts.editIssue(first, "alice", { body: "No dependency after all." });
  await world.poke(first);
  await world.until(first, "review");
});

test("a blocker whose title is not the one named beside its number is questioned, not believed", async () => {
  await using world = await createWorld();
  const other = await world.openIssue("x", "COORD-010 Queue");
  await world.acts.editIssue(other, "alice", { state: "closed" });
  const issue = await world.assigned(`### Dependencies\n- Blocked by: #${other.number} (COORD-011)\n`);
  const task = await world.until(issue, "blocked");
  expect(task.reason).toContain("has a title that is not the one named here");
});

test("an external agent that names a commit the branch does not stand at is told so", async () => {
  await using world = await createWorld({
    profiles: {
      person: {
        driver: "external",
        user: "carol",
        context: 200_000,
        difficulty: "high",
        price: { input: 0, output: 0 },
        slots: 1,
      },
    },
  });
  await world.acts.setPermission(world.repository, "carol", "write");
  const issue = await world.assigned();
  await world.until(issue, "working");
  await world.acts.comment(issue, "carol", "/done 1234567");
  await world.poke(issue);
  await world.quiet(issue);
  expect((await world.comments(issue)).join()).toContain("not at `1234567`");
  expect((await world.task(issue))?.phase.state).toBe("working");
});

test.each([
  ["Retry uploads", "retry-uploads"],
  ["Take white space and folders off file names", "take-white-space-and-folders-off-file"],
  ["Ä".repeat(10) + "b".repeat(60), "a".repeat(10) + "b".repeat(30)],
  ["重试", undefined],
])("the branch of an issue titled %j ends with whole words of it", async (title, words) => {
  await using world = await createWorld();
  const issue = await world.assigned("Do it.", title);
  const { branch } = await world.until(issue, "review");
  expect(branch).toBe(`steward/issue-${issue.number}${words === undefined ? "" : `-${words}`}`);
});

test.each([
  ["/retest", [true, true]],
  ["/retest test", [false, true]],
])("%s runs without earlier results what was asked for", async (words, fresh) => {
  await using world = await createWorld();
  const issue = await world.assigned();
  await world.until(issue, "review");
  await world.quiet(issue);
  await world.acts.comment(issue, "alice", words);
  await world.poke(issue);
  await expect.poll(() => world.gates.length, { timeout: 10_000 }).toBe(4);
  const again = world.gates.slice(2).toSorted((a, b) => (a.gate.name < b.gate.name ? -1 : 1));
  expect(again.map((job) => [job.gate.name, job.fresh])).toEqual([
    ["build", fresh[0]],
    ["test", fresh[1]],
  ]);
  expect(await world.until(issue, "review")).not.toHaveProperty("recheckGate");
});
