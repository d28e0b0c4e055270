/** What every forge promises, in memory, played and real. */

import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { commentKeyLine } from "../../src/domain/comment-key.ts";
import type { CommitStatus } from "../../src/domain/commit-status.ts";
import { ParkError } from "../../src/domain/errors.ts";
import { RepositoryName, Sha } from "../../src/domain/ids.ts";
import type { ForgeActs } from "../../src/gitea/memory-acts.ts";
import type { Forge } from "../../src/ports/forge.ts";

/** The bot's view of a forge, and what people do there; alice owns the repositories, bob and mallory come from outside. */
export interface ForgeBench {
  readonly forge: Forge;
  readonly acts: ForgeActs;
}

const NOWHERE = RepositoryName.parse("alice/nowhere");
const UNKNOWN_SHA = Sha.parse("0".repeat(40));
const LABELS = ["agent/queued", "agent/working", "agent/done"];
const DEFINITIONS = LABELS.map((name) => ({ name, color: "00aabb", description: `is ${name}` }));

/** Registers the suite. */
export function describeForge(bench: () => ForgeBench): void {
  const repository = (files?: Readonly<Record<string, string>>) =>
    bench().acts.addRepository(`alice/r-${randomBytes(5).toString("hex")}`, files);

  async function issue(about: { title?: string; body?: string; by?: string; assignees?: readonly string[] } = {}) {
    const { title = "A title", by = "alice", ...rest } = about;
    return bench().acts.openIssue(await repository(), { by, title, ...rest });
  }

  /** A repository with a branch `work` that is ahead of `main`. */
  async function branch() {
    const name = await repository();
    const head = await bench().acts.push(name, "alice", "work", { "a.txt": "1\n" });
    return { name, head };
  }

  async function pull() {
    const { name, head } = await branch();
    const { forge } = bench();
    const made = await forge.ensurePull(name, { head: "work", base: "main", title: "Work", body: "b", draft: false });
    return { name, head, number: made.number };
  }

  describe("the bot's account", () => {
    test("is the same each time", async () => {
      const { forge } = bench();
      const self = await forge.self();
      expect(self).toMatchObject({ login: "steward" });
      expect(await forge.self()).toEqual(self);
    });
  });

  describe("repositories", () => {
    test("have a default branch and a clone address without credentials", async () => {
      const { forge } = bench();
      const name = await repository();
      expect(await forge.readRepository(name)).toMatchObject({ name, defaultBranch: "main", archived: false });
      expect((await forge.readRepository(name))?.cloneUrl).toMatch(new RegExp(`^https?://[^@]+/${name}\\.git$`));
    });

    test("that are not there are undefined", async () => {
      expect(await bench().forge.readRepository(NOWHERE)).toBeUndefined();
    });

    test("give the text of a file at a branch and at a commit", async () => {
      const { forge, acts } = bench();
      const name = await repository({ ".gitea/steward.yml": "merge: auto # ünïcode\n" });
      const before = await forge.readBranch(name, "main");
      await acts.push(name, "alice", "main", { ".gitea/steward.yml": "merge: manual\n" });
      expect(await forge.readFile(name, ".gitea/steward.yml", "main")).toBe("merge: manual\n");
      expect(await forge.readFile(name, ".gitea/steward.yml", before ?? "")).toBe("merge: auto # ünïcode\n");
    });

    test.each(["none.txt", ".gitea"])("have no text for %s, which is no file", async (path) => {
      const name = await repository({ ".gitea/steward.yml": "merge: auto\n" });
      expect(await bench().forge.readFile(name, path, "main")).toBeUndefined();
    });

    test("tell who may write, read or nothing", async () => {
      const { forge, acts } = bench();
      const ref = await issue({ by: "mallory" });
      await acts.setPermission(ref.repository, "bob", "write");
      const byBob = await acts.comment(ref, "bob", "x");
      const bob = (await forge.listComments(ref)).find(({ id }) => id === byBob)?.author;
      const mallory = (await forge.readIssue(ref))?.author;
      const alice = { id: bob?.id ?? 0, login: "alice" };
      expect(await forge.permissionOf(ref.repository, bob ?? alice)).toBe("write");
      expect(await forge.permissionOf(ref.repository, mallory ?? alice)).toMatch(/^(?:none|read)$/);
    });

    test("give nothing to an account whose name belongs to somebody else now", async () => {
      const { forge } = bench();
      expect(await forge.permissionOf(await repository(), { id: 987_654_321, login: "alice" })).toBe("none");
    });
  });

  describe("branches", () => {
    test("have a head, and none when they are not there", async () => {
      const { forge } = bench();
      const { name, head } = await branch();
      expect(await forge.readBranch(name, "work")).toBe(head);
      expect(await forge.readBranch(name, "none")).toBeUndefined();
    });

    test("with a slash are made once, and left alone afterwards", async () => {
      const { forge, acts } = bench();
      const { name, head } = await branch();
      await forge.ensureBranch(name, "steward/issue-1-x", head);
      expect(await forge.readBranch(name, "steward/issue-1-x")).toBe(head);
      const pushed = await acts.push(name, "alice", "steward/issue-1-x", { "b.txt": "2\n" });
      await forge.ensureBranch(name, "steward/issue-1-x", head);
      expect(await forge.readBranch(name, "steward/issue-1-x")).toBe(pushed);
    });
  });

  describe("issues", () => {
    test("are read with text, author, assignees and labels", async () => {
      const { forge, acts } = bench();
      const ref = await issue({ title: "T", body: "line 1\nline 2", by: "bob" });
      await acts.setAssignees(ref, "alice", ["steward"]);
      await acts.setLabels(ref, "alice", ["bug"]);
      const read = await forge.readIssue(ref);
      expect(read).toMatchObject({ ref, title: "T", body: "line 1\nline 2", state: "open", labels: ["bug"] });
      expect(read).toMatchObject({ author: { login: "bob" }, assignees: [await forge.self()], isPull: false });
      expect(Math.abs((read?.createdAt ?? 0) - Date.now())).toBeLessThan(60_000);
    });

    test("have lists that are empty, not missing", async () => {
      expect(await bench().forge.readIssue(await issue())).toMatchObject({ assignees: [], labels: [], body: "" });
    });

    test("that are not there are undefined, and have no comments", async () => {
      const { forge } = bench();
      const ref = { repository: await repository(), number: 99 };
      expect(await forge.readIssue(ref)).toBeUndefined();
      expect(await forge.listComments(ref)).toEqual([]);
    });

    test("say when they are pull requests", async () => {
      const { name, number } = await pull();
      expect(await bench().forge.readIssue({ repository: name, number })).toMatchObject({ isPull: true });
    });

    test("name who assigned the bot last, and anew when it was assigned again", async () => {
      const { forge, acts } = bench();
      const ref = await issue();
      expect(await forge.lastAssignment(ref)).toBeUndefined();
      await acts.setAssignees(ref, "alice", ["bob", "steward"]);
      const first = await forge.lastAssignment(ref);
      expect(first?.by.login).toBe("alice");
      await acts.setAssignees(ref, "alice", ["bob"]);
      expect(await forge.lastAssignment(ref)).toEqual(first);
      await acts.setAssignees(ref, "alice", ["bob", "steward"]);
      expect((await forge.lastAssignment(ref))?.id).toBeGreaterThan(first?.id ?? 0);
    });

    test("have no assignment by others' assignments", async () => {
      const { forge, acts } = bench();
      const ref = await issue();
      await acts.setAssignees(ref, "alice", ["alice"]);
      expect(await forge.lastAssignment(ref)).toBeUndefined();
    });

    test("have blockers of this and other repositories", async () => {
      const { forge, acts } = bench();
      const [ref, other] = [await issue(), await issue({ title: "Elsewhere" })];
      const near = await acts.openIssue(ref.repository, { by: "alice", title: "Near" });
      expect(await forge.listBlockers(ref)).toEqual([]);
      await acts.addBlocker(ref, "alice", near);
      await acts.addBlocker(ref, "alice", other);
      await acts.editIssue(other, "alice", { state: "closed" });
      expect(new Set(await forge.listBlockers(ref))).toEqual(
        new Set([
          { ref: near, title: "Near", state: "open" },
          { ref: other, title: "Elsewhere", state: "closed" },
        ]),
      );
    });

    test("of which the bot is an assignee are listed while they are open, and no pull requests", async () => {
      const { forge, acts } = bench();
      const [open, closed, unassigned] = [await issue(), await issue(), await issue()];
      for (const ref of [open, closed]) await acts.setAssignees(ref, "alice", ["steward"]);
      await acts.editIssue(closed, "alice", { state: "closed" });
      const { name, number } = await pull();
      await acts.setAssignees({ repository: name, number }, "alice", ["steward"]);
      const listed = await everyPage(forge);
      expect(listed).toContainEqual(open);
      for (const ref of [closed, unassigned, { repository: name, number }]) expect(listed).not.toContainEqual(ref);
    });

    test("keep their assignees when one is added, who is added once", async () => {
      const { forge, acts } = bench();
      const ref = await issue();
      await acts.setPermission(ref.repository, "bob", "write");
      await acts.setAssignees(ref, "alice", ["steward"]);
      await forge.ensureAssignee(ref, "bob");
      await forge.ensureAssignee(ref, "BOB");
      const logins = (await forge.readIssue(ref))?.assignees.map(({ login }) => login);
      expect(logins?.toSorted()).toEqual(["bob", "steward"]);
    });

    test("cannot be given to an account that is not there", async () => {
      const ref = await issue();
      const failure = await bench()
        .forge.ensureAssignee(ref, "nobody-of-that-name")
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ParkError);
      expect(failure).toMatchObject({ code: "FORGE_REFUSED" });
    });
  });

  describe("comments", () => {
    const text = (key: string, rest: string) => `${commentKeyLine(key)}\n${rest}`;

    test("are listed oldest first, all of them", async () => {
      const { forge, acts } = bench();
      const ref = await issue();
      const ids = [];
      for (let at = 0; at < 35; at += 1) ids.push(await acts.comment(ref, at % 2 ? "bob" : "alice", `comment ${at}`));
      const listed = await forge.listComments(ref);
      expect(listed.map(({ id }) => id)).toEqual(ids);
      expect(listed[1]).toMatchObject({ body: "comment 1", author: { login: "bob" } });
    });

    test("of the bot are made once for a key", async () => {
      const { forge } = bench();
      const ref = await issue();
      const comment = { key: "decision-1", body: text("decision-1", "one"), edit: false };
      const id = await forge.ensureComment(ref, comment);
      expect(await forge.ensureComment(ref, { ...comment, body: text("decision-1", "two") })).toBe(id);
      expect(await forge.listComments(ref)).toMatchObject([{ id, body: text("decision-1", "one") }]);
    });

    test("of the bot are edited in place when that is asked for", async () => {
      const { forge } = bench();
      const ref = await issue();
      const id = await forge.ensureComment(ref, { key: "status", body: text("status", "one"), edit: true });
      expect(await forge.ensureComment(ref, { key: "status", body: text("status", "two"), edit: true })).toBe(id);
      expect(await forge.listComments(ref)).toMatchObject([{ id, body: text("status", "two") }]);
    });

    test("keep what a key carries, and keys that begin alike apart", async () => {
      const { forge } = bench();
      const ref = await issue();
      const one = await forge.ensureComment(ref, {
        key: "run-1",
        body: `${commentKeyLine("run-1", "d=1")}\nx`,
        edit: false,
      });
      const two = await forge.ensureComment(ref, { key: "run-12", body: text("run-12", "y"), edit: false });
      expect(one).not.toBe(two);
      expect(await forge.ensureComment(ref, { key: "run-1", body: text("run-1", "z"), edit: false })).toBe(one);
    });

    test("of the bot that are there twice become one, the oldest", async () => {
      const { forge, acts } = bench();
      const ref = await issue();
      const first = await acts.comment(ref, "steward", text("status", "one"));
      await acts.comment(ref, "steward", text("status", "two"));
      expect(await forge.ensureComment(ref, { key: "status", body: text("status", "now"), edit: true })).toBe(first);
      expect(await forge.listComments(ref)).toMatchObject([{ id: first, body: text("status", "now") }]);
    });

    test("of others with the same key are neither taken nor touched", async () => {
      const { forge, acts } = bench();
      const ref = await issue();
      const forged = await acts.comment(ref, "bob", text("status", "mine"));
      const own = await forge.ensureComment(ref, { key: "status", body: text("status", "ours"), edit: true });
      expect(own).not.toBe(forged);
      expect(await forge.listComments(ref)).toMatchObject([{ id: forged, body: text("status", "mine") }, { id: own }]);
    });

    test("are found among those that the caller has listed", async () => {
      const { forge } = bench();
      const ref = await issue();
      const id = await forge.ensureComment(ref, { key: "k", body: text("k", "x"), edit: false });
      const known = await forge.listComments(ref);
      expect(await forge.ensureComment(ref, { key: "k", body: text("k", "x"), edit: false }, known)).toBe(id);
    });

    test("get each of the bot's reactions once", async () => {
      const { forge, acts } = bench();
      const ref = await issue();
      const id = await acts.comment(ref, "alice", "/status");
      for (const content of ["confused", "rocket", "confused"] as const)
        await forge.ensureReaction(ref.repository, id, content);
      const reactions = await acts.reactionsTo(ref.repository, id);
      expect(reactions.map(({ content }) => content).toSorted()).toEqual(["confused", "rocket"]);
      expect(reactions[0]?.login).toBe("steward");
    });
  });

  describe("labels", () => {
    test("of a family are exchanged on an issue; others stay", async () => {
      const { forge, acts } = bench();
      const ref = await issue();
      await acts.setLabels(ref, "alice", ["bug"]);
      await forge.ensureRepositoryLabels(ref.repository, DEFINITIONS);
      await forge.ensureRepositoryLabels(ref.repository, DEFINITIONS);
      for (const wanted of ["agent/queued", "agent/working", "agent/working"]) {
        await forge.ensureIssueLabel(ref, wanted, LABELS);
        expect((await forge.readIssue(ref))?.labels.toSorted()).toEqual([wanted, "bug"]);
      }
      await forge.ensureIssueLabel(ref, undefined, LABELS);
      expect((await forge.readIssue(ref))?.labels).toEqual(["bug"]);
    });

    test("tell who took them away last, or put them on", async () => {
      const { forge, acts } = bench();
      const ref = await issue();
      const last = async (label: string) => {
        const change = await forge.lastLabelChange(ref, label);
        return change && `${change.by.login} ${change.added ? "added" : "removed"}`;
      };
      await forge.ensureRepositoryLabels(ref.repository, DEFINITIONS);
      await forge.ensureIssueLabel(ref, "agent/queued", LABELS);
      expect(await last("agent/queued")).toBe("steward added");
      await forge.ensureIssueLabel(ref, "agent/working", LABELS);
      await acts.setLabels(ref, "alice", []);
      expect([await last("agent/queued"), await last("agent/working")]).toEqual(["steward removed", "alice removed"]);
      expect(await last("agent/done")).toBeUndefined();
    });

    test("that are right by what the caller knows are not looked at", async () => {
      const { forge } = bench();
      const ref = await issue();
      await forge.ensureIssueLabel(ref, undefined, LABELS, ["bug"]);
      expect((await forge.readIssue(ref))?.labels).toEqual([]);
    });
  });

  describe("commit statuses", () => {
    const status = (context: string, rest: Partial<CommitStatus> = {}): CommitStatus => ({
      context,
      state: "pending",
      description: "queued",
      targetUrl: "https://steward.test/runs/1",
      ...rest,
    });
    const byContext = (statuses: readonly CommitStatus[]) =>
      statuses.toSorted((a, b) => (a.context < b.context ? -1 : 1));

    test("are the newest of each context", async () => {
      const { forge } = bench();
      const { name, head } = await branch();
      await forge.ensureStatuses(name, head, [status("steward/build"), status("steward/lint")]);
      const done = status("steward/build", { state: "success", description: "12 s", targetUrl: undefined });
      await forge.ensureStatuses(name, head, [done, status("steward/lint")]);
      expect(byContext(await forge.listStatuses(name, head))).toEqual([done, status("steward/lint")]);
    });

    test("of others are listed, and put right when they are of the same context", async () => {
      const { forge, acts } = bench();
      const { name, head } = await branch();
      const foreign = status("ci / e2e", { state: "failure" });
      await acts.setStatus(name, "alice", head, foreign);
      await forge.ensureStatuses(name, head, [status("steward/verdict")]);
      await acts.setStatus(name, "alice", head, status("steward/verdict", { state: "success" }));
      await forge.ensureStatuses(name, head, [status("steward/verdict")]);
      expect(byContext(await forge.listStatuses(name, head))).toEqual([foreign, status("steward/verdict")]);
    });

    test("are none for a commit that is not there", async () => {
      expect(await bench().forge.listStatuses(await repository(), UNKNOWN_SHA)).toEqual([]);
    });

    test("are listed past the first page", async () => {
      const { forge } = bench();
      const { name, head } = await branch();
      const many = Array.from({ length: 60 }, (_, at) => status(`gate-${String(at).padStart(2, "0")}`));
      await forge.ensureStatuses(name, head, many);
      expect(byContext(await forge.listStatuses(name, head))).toEqual(many);
    });
  });

  describe("pull requests", () => {
    test("are opened once, as drafts when asked, and kept as wanted", async () => {
      const { forge } = bench();
      const { name, head } = await branch();
      const wanted = { head: "work", base: "main", title: "Do it", body: "Closes #1", draft: true };
      const made = await forge.ensurePull(name, wanted);
      expect(made).toMatchObject({ title: "WIP: Do it", draft: true, state: "open", merged: false, head });
      expect(made).toMatchObject({ base: "main", headBranch: "work", author: await forge.self(), body: "Closes #1" });
      const ready = await forge.ensurePull(name, { ...wanted, draft: false, body: "Closes #1\n\nDone." });
      expect(ready).toMatchObject({ number: made.number, title: "Do it", draft: false, body: "Closes #1\n\nDone." });
      expect(await forge.readPull(name, made.number)).toEqual(ready);
    });

    test("of somebody else keep title and text, below which the bot's part stands once", async () => {
      const { forge, acts } = bench();
      const { name } = await branch();
      const number = await acts.openPull(name, { by: "alice", head: "work", base: "main", title: "My way" });
      await acts.editIssue({ repository: name, number }, "alice", { body: "Why I did it.\n" });
      const wanted = { head: "work", base: "main", title: "Do it", body: "Closes #1\n\nFirst.", draft: true };
      const hidden = (body: string) => `<!-- steward:pull -->\n${body}\n<!-- steward:pull end -->`;
      const first = await forge.ensurePull(name, wanted);
      expect(first).toMatchObject({ number, title: "WIP: My way", draft: true });
      expect(first.body).toBe(`Why I did it.\n\n${hidden(wanted.body)}`);
      await acts.editIssue({ repository: name, number }, "alice", { body: `Because.\n\n${hidden("x")}\n\nP.S.` });
      for (const again of [1, 2]) {
        const ready = await forge.ensurePull(name, { ...wanted, body: "Closes #1\n\nDone.", draft: false });
        expect([again, ready.title]).toEqual([again, "My way"]);
        expect(ready.body).toBe(`Because.\n\n${hidden("Closes #1\n\nDone.")}\n\nP.S.`);
      }
    });

    test("are found by their branch", async () => {
      const { forge } = bench();
      const { name, number } = await pull();
      expect(await forge.findPull(name, "work")).toMatchObject({ number });
      expect(await forge.findPull(name, "main")).toBeUndefined();
    });

    test("are found by their branch whatever base they have", async () => {
      const { forge, acts } = bench();
      const { name } = await branch();
      await acts.push(name, "alice", "side", { "side.txt": "1\n" });
      const number = await acts.openPull(name, { by: "alice", head: "work", base: "side", title: "x" });
      expect(await forge.findPull(name, "work")).toMatchObject({ number, base: "side" });
    });

    test("that are open come before newer ones that are not", async () => {
      const { forge, acts } = bench();
      const { name } = await branch();
      await acts.push(name, "alice", "side", { "side.txt": "1\n" });
      const open = await acts.openPull(name, { by: "alice", head: "work", base: "main", title: "x" });
      const closed = await acts.openPull(name, { by: "alice", head: "work", base: "side", title: "y" });
      await acts.editIssue({ repository: name, number: closed }, "alice", { state: "closed" });
      expect(await forge.findPull(name, "work")).toMatchObject({ number: open });
    });

    test("of which none is open are found by the newest, and a new one is opened when one is wanted", async () => {
      const { forge, acts } = bench();
      const { name, number } = await pull();
      await acts.editIssue({ repository: name, number }, "alice", { state: "closed" });
      const again = await forge.ensurePull(name, { head: "work", base: "main", title: "2", body: "", draft: false });
      expect(again.number).toBeGreaterThan(number);
      await acts.editIssue({ repository: name, number: again.number }, "alice", { state: "closed" });
      expect(await forge.findPull(name, "work")).toMatchObject({ number: again.number, state: "closed" });
    });

    test("know when they were merged, also after the branch is gone", async () => {
      const { forge, acts } = bench();
      const { name, head, number } = await pull();
      await acts.merge(name, "alice", number);
      await acts.deleteBranch(name, "alice", "work");
      const merged = { number, merged: true, state: "closed", headBranch: "work", head };
      expect(await forge.readPull(name, number)).toMatchObject(merged);
      expect(await forge.findPull(name, "work")).toMatchObject(merged);
    });

    test("close the issues that they name when they are merged into whatever branch, at about the same time", async () => {
      const { forge, acts } = bench();
      const { name } = await branch();
      await acts.push(name, "alice", "side", { "side.txt": "1\n" });
      const closed = await acts.openIssue(name, { by: "alice", title: "Closed by the merge" });
      const body = `Closes #${closed.number}`;
      const { number } = await forge.ensurePull(name, { head: "work", base: "main", title: "W", body, draft: false });
      expect(await forge.readPull(name, number)).not.toHaveProperty("mergedAt");
      expect(await forge.readIssue(closed)).not.toHaveProperty("closedAt");
      await acts.retarget(name, "alice", number, "side");
      await acts.merge(name, "alice", number);
      await expect.poll(async () => (await forge.readIssue(closed))?.state, { timeout: 10_000 }).toBe("closed");
      const [pull, issue] = await Promise.all([forge.readPull(name, number), forge.readIssue(closed)]);
      expect(pull).toMatchObject({ merged: true, base: "side" });
      const afterMs = (issue?.closedAt ?? 0) - (pull?.mergedAt ?? 0);
      expect(afterMs).toBeGreaterThanOrEqual(0);
      expect(afterMs).toBeLessThan(10_000);
    });

    test("follow their branch", async () => {
      const { forge, acts } = bench();
      const { name, number } = await pull();
      const pushed = await acts.push(name, "alice", "work", { "b.txt": "2\n" });
      await expect.poll(async () => (await forge.readPull(name, number))?.head, { timeout: 10_000 }).toBe(pushed);
    });

    test("that are not there are undefined", async () => {
      expect(await bench().forge.readPull(await repository(), 99)).toBeUndefined();
    });

    test("have reviews with their comments on lines", async () => {
      const { forge, acts } = bench();
      const { name, number } = await pull();
      const comments = [{ path: "a.txt", line: 1, body: "this line" }];
      const id = await acts.review(name, "alice", number, { state: "changes-requested", body: "Rename.", comments });
      expect(await forge.listReviews(name, number)).toMatchObject([
        { id, author: { login: "alice" }, state: "changes-requested", body: "Rename.", comments },
      ]);
    });

    test("ask for a review once: not the author, nobody who has reviewed, and not in vain for others", async () => {
      const { forge, acts } = bench();
      const { name, number } = await pull();
      await acts.setPermission(name, "bob", "write");
      await forge.ensureReviewRequested(name, number, ["steward", "bob", "bob", "alice"]);
      expect((await acts.requestedReviewers(name, number)).toSorted()).toEqual(["alice", "bob"]);
      await acts.review(name, "alice", number, { state: "approved", body: "Good." });
      await forge.ensureReviewRequested(name, number, ["alice"]);
      expect(await acts.requestedReviewers(name, number)).not.toContain("alice");
    });
  });
}

async function everyPage(forge: Forge) {
  const all = [];
  for (let page = 1; ; page += 1) {
    const refs = await forge.listAssigned(page);
    if (refs.length === 0) return all;
    all.push(...refs);
  }
}
