/** The timeline: the only place that says who assigned whom. */
import { serverError } from "../api-error.ts";
import { presentTimelineEntry } from "../present/issue.ts";
import { findIssue } from "../threads.ts";
import type { World } from "../world.ts";
import { type Api, answer, countTotal, parameter, repositoryFrom } from "./call.ts";

/** Adds the routes about the timeline. */
export function addTimelineRoutes(api: Api, world: World): void {
  api.get("/repos/:owner/:repo/issues/:index/timeline", (c) => {
    const issue = findIssue(world, repositoryFrom(c, world), Number(parameter(c, "index")));
    if (!issue) throw serverError();
    const since = c.req.query("since");
    const all = world.state.entries.filter(
      (entry) => entry.issueId === issue.id && (since === undefined || Date.parse(entry.updated) >= Date.parse(since)),
    );
    const limit = Number(c.req.query("limit")) || all.length;
    const page = Math.max(1, Number(c.req.query("page")) || 1);
    const shown = all.slice((page - 1) * limit, page * limit);
    countTotal(c, shown.length);
    return answer(
      c,
      200,
      shown.map((entry) => presentTimelineEntry(world, issue, entry)),
    );
  });
}
