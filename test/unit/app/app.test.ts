/** Handlers are registered and called as in Probot. */
import { Writable } from "node:stream";
import nock from "nock";
import { pino } from "pino";
import { afterEach, describe, expect, test } from "vitest";
import { createApp } from "../../../src/app/app.ts";
import type { EventFailure } from "../../../src/app/octokit-events.ts";
import { readDelivery } from "../../../src/gitea/normalise.ts";
import { createOctokit } from "../../../src/gitea/octokit-compat.ts";
import type { AppEvent } from "../../../src/ports/app-event.ts";
import { silentLog } from "../../support/silent-log.ts";
import { readRecorded } from "../../support/webhook-server.ts";

const recorded = await readRecorded("gitea-1.26.0");
const octokit = createOctokit({ baseUrl: "http://gitea.test/api/v1", token: "a-secret-token" });
const newApp = (log = silentLog) => createApp({ octokit, log });

function eventOf(file: string): AppEvent {
  const eventType = file.split("--")[1]?.split(".")[0] ?? "";
  const reading = readDelivery({ id: "d-1", eventType, body: recorded.get(file)?.body ?? "", receivedAt: 0 });
  const [event] = "events" in reading ? reading.events : [];
  if (!event) throw new Error(`${file} has no event`);
  return event;
}

const assigned = eventOf("007-assign-one--issue_assign.assigned");
const pushed = eventOf("001-hook--push");

afterEach(() => nock.cleanAll());

describe("a handler", () => {
  test("is called for its event and action, for its event, and for everything", async () => {
    const app = newApp();
    const called: string[] = [];
    app.on("issues.assigned", () => called.push("issues.assigned"));
    app.on("issues.closed", () => called.push("issues.closed"));
    app.on("issues", () => called.push("issues"));
    app.on(["push", "issues.opened"], () => called.push("push or opened"));
    app.onAny(() => called.push("any"));
    await app.receive(assigned);
    expect(called.splice(0).toSorted()).toEqual(["any", "issues", "issues.assigned"]);
    await app.receive(pushed);
    expect(called.toSorted()).toEqual(["any", "push or opened"]);
  });

  test("finds the event, where it happened, and a client in its context", async () => {
    const app = newApp();
    const asked = nock("http://gitea.test")
      .post("/api/v1/repos/acme/widgets/issues/1/comments", { body: "Seen." })
      .reply(201, { id: 3 });
    app.on("issues.assigned", async (context) => {
      expect(context).toMatchObject({
        id: "d-1",
        name: "issues",
        payload: { action: "assigned", issue: { number: 1 } },
      });
      expect(context.repo({ ref: "main" })).toEqual({ owner: "acme", repo: "widgets", ref: "main" });
      expect(context.issue()).toEqual({ owner: "acme", repo: "widgets", issue_number: 1 });
      await context.octokit.rest.issues.createComment(context.issue({ body: "Seen." }));
    });
    await app.receive(assigned);
    expect(asked.isDone()).toBe(true);
  });

  test("of a pull request's event finds its number", async () => {
    const app = newApp();
    const numbers: unknown[] = [];
    app.on("pull_request_review.submitted", (context) => numbers.push(context.pullRequest(), context.issue()));
    await app.receive(eventOf("051-review-approved--pull_request_review_approved.reviewed"));
    const at = { owner: "acme", repo: "widgets" };
    expect(numbers).toEqual([
      { ...at, pull_number: 4 },
      { ...at, issue_number: 4 },
    ]);
  });

  test("of an event without an issue gets no number made up", async () => {
    const app = newApp();
    app.on("push", (context) => context.issue());
    await expect(app.receive(pushed)).rejects.toBeInstanceOf(AggregateError);
  });
});

describe("a handler that fails", () => {
  test("stops no other, and the event counts as failed after all are done", async () => {
    const app = newApp();
    const done: string[] = [];
    app.on("issues.assigned", () => {
      throw new Error("at once");
    });
    app.on("issues.assigned", async () => {
      await Promise.resolve();
      throw new Error("later");
    });
    app.on("issues", async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done.push("the last one");
    });
    const failure = await app.receive(assigned).catch((error: unknown) => error);
    expect(done).toEqual(["the last one"]);
    expect(failure).toBeInstanceOf(AggregateError);
    expect(failure).toMatchObject({ errors: [{ message: "at once" }, { message: "later" }] });
  });

  test("is told to those who listen for errors", async () => {
    const app = newApp();
    const failures: EventFailure[] = [];
    app.onError((failure) => failures.push(failure));
    app.on("issues", () => Promise.reject(new Error("no")));
    await app.receive(assigned).catch(() => undefined);
    expect(failures).toMatchObject([{ event: { id: "d-1", name: "issues" }, errors: [{ message: "no" }] }]);
  });

  test("brings neither the payload nor the client into the log", async () => {
    const lines: string[] = [];
    const log = pino(new Writable({ write: (line, _encoding, next) => next(void lines.push(String(line))) }));
    const app = newApp();
    app.on("issues", () => Promise.reject(new Error("no")));
    await app.receive(assigned).catch((error: unknown) => log.error({ err: error }, "delivery failed"));
    expect(lines.join("")).toContain('"event":{"id":"d-1","name":"issues.assigned"}');
    expect(lines.join("")).not.toMatch(/a-secret-token|html_url|Body of/);
  });
});
