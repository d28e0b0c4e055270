/** Every delivery that was recorded from a real server, posted over HTTP with its own headers. */
import { Octokit } from "@octokit/rest";
import { describe, expect, test } from "vitest";
import { createApp } from "../../../src/app/app.ts";
import { createDeliveryWorker } from "../../../src/gitea/delivery-worker.ts";
import type { AppEvent } from "../../../src/ports/app-event.ts";
import type { Inbox } from "../../../src/ports/inbox.ts";
import { createMemoryInbox } from "../../../src/queue/memory-inbox.ts";
import { silentLog } from "../../support/silent-log.ts";
import { type RecordedDelivery, readRecorded, startWebhookServer } from "../../support/webhook-server.ts";
import { RECORDED_EVENTS } from "./recorded-events.ts";

/** Posts deliveries one after the other, and gives the statuses and what the app's handlers got. */
async function deliver(deliveries: readonly RecordedDelivery[], path: string) {
  const inbox = createMemoryInbox();
  const app = createApp({ octokit: new Octokit(), log: silentLog });
  const events: Pick<AppEvent, "name" | "payload">[] = [];
  app.onAny(({ name, payload }) => events.push({ name, payload } as AppEvent));
  await using server = await startWebhookServer(inbox);
  const statuses: number[] = [];
  for (const { headers, body } of deliveries) {
    const response = await fetch(server.url + path, { method: "POST", headers, body });
    statuses.push(response.status);
  }
  const worker = createDeliveryWorker({ inbox: impatient(inbox), app, log: silentLog });
  worker.start();
  await expect.poll(() => inbox.size()).toBe(0);
  await worker.stop();
  return { statuses, events, refused: await inbox.listRefused(10) };
}

/** Stopping a worker takes as long as it waits for the next delivery. */
function impatient(inbox: Inbox): Inbox {
  return { ...inbox, take: (count) => inbox.take(count, 1) };
}

function subjectOf({ name, payload }: Pick<AppEvent, "name" | "payload">): string {
  const event = "action" in payload ? `${name}.${payload.action}` : name;
  if ("issue" in payload) return `${event} #${payload.issue.number}`;
  if ("pull_request" in payload) return `${event} #${payload.pull_request.number}`;
  if ("ref" in payload) return `${event} ${payload.ref}`;
  if ("context" in payload) return `${event} ${payload.context} ${payload.state}`;
  return event;
}

describe.each([
  ["gitea-1.26.0", "/webhook/gitea"],
  ["forgejo-12.0.0", "/webhook/forgejo"],
])("of %s", async (server, path) => {
  const recorded = await readRecorded(server);
  const expected = RECORDED_EVENTS[server] ?? {};

  test("all are in the table", () => {
    expect([...recorded.keys()]).toEqual(Object.keys(expected));
  });

  test.each([...recorded])("%s", async (file, delivery) => {
    const { statuses, events, refused } = await deliver([delivery], path);
    const outcome = statuses[0] === 202 ? events.map(subjectOf).join(", ") : `${statuses[0]}`;
    expect(outcome).toBe(expected[file]);
    expect(refused).toEqual([]);
  });

  const hooks = [...recorded].filter(([file]) => /org-and-system-hooks--issue_assign\.assigned/.test(file));

  test("the same fact by three hooks reaches the app once", async () => {
    const { statuses, events } = await deliver(
      hooks.map(([, delivery]) => delivery),
      path,
    );
    expect(statuses).toEqual([202, 202, 202]);
    expect(events.map(subjectOf)).toEqual(["issues.assigned #2"]);
  });

  test("the same delivery twice, and again under a new id, reaches the app once", async () => {
    const delivery = hooks[0]?.[1] as RecordedDelivery;
    const redelivered = { ...delivery, headers: { ...delivery.headers, "x-gitea-delivery": "another" } };
    const { events } = await deliver([delivery, delivery, redelivered], path);
    expect(events.map(subjectOf)).toEqual(["issues.assigned #2"]);
  });
});

const first = async (file: string) => {
  const delivery = (await readRecorded("gitea-1.26.0")).get(file) as RecordedDelivery;
  const { events } = await deliver([delivery], "/webhook/gitea");
  return events[0]?.payload;
};

test("an assignment names nobody, for Gitea does not", async () => {
  const payload = await first("008-assign-second--issue_assign.assigned");
  expect(payload).not.toHaveProperty("assignee");
  expect(payload).toMatchObject({ issue: { assignees: [{ login: "steward" }, { login: "alice" }] } });
});

test("an empty list of assignees is a list", async () => {
  const payload = await first("010-unassign-all--issue_assign.unassigned");
  expect(payload).toMatchObject({ issue: { assignees: [] } });
});

test("a change of labels names no label, for Gitea does not", async () => {
  expect(await first("016-label-added--issue_label.label_updated")).not.toHaveProperty("label");
});

test("an issue is no pull request, and a comment on one says so", async () => {
  expect(await first("025-comment-by-writer--issue_comment.created")).not.toHaveProperty("issue.pull_request");
  expect(await first("047-pull-comment--pull_request_comment.created")).toHaveProperty("issue.pull_request");
});

test("a comment edited by another names the editor as the sender, and what the text was", async () => {
  expect(await first("030-comment-edited-by-another--issue_comment.edited")).toMatchObject({
    sender: { login: "root1" },
    comment: { user: { login: "alice" } },
    changes: { body: { from: "/retry" } },
  });
});

test("lines end in LF", async () => {
  expect(await first("024-body-edited--issues.edited")).toMatchObject({
    issue: { body: expect.stringMatching(/^New body\n\nwith CRLF/) },
  });
});

test.each([
  ["049-review-changes-requested--pull_request_review_rejected.reviewed", "changes_requested", "alice"],
  ["050-review-comment--pull_request_review_comment.reviewed", "commented", "bob"],
  ["051-review-approved--pull_request_review_approved.reviewed", "approved", "alice"],
])("a review has its reviewer and state: %s", async (file, state, login) => {
  expect(await first(file)).toMatchObject({ review: { state, user: { login } } });
});
