/** The search over all repositories, with which a bot finds what is assigned to it. */
import { can } from "../access.ts";
import { presentIssue } from "../present/issue.ts";
import { repositoryOf, type World } from "../world.ts";
import { type Api, answer, doerOf, pageOf } from "./call.ts";

/** Adds the routes about the search over all repositories. */
export function addSearchRoutes(api: Api, world: World): void {
  api.get("/repos/issues/search", (c) => {
    const doer = doerOf(c);
    const state = c.req.query("state") ?? "open";
    const type = c.req.query("type");
    const asked = (name: string): boolean => c.req.query(name) === "true";
    const found = world.state.issues.filter(
      (issue) =>
        can(repositoryOf(world.state, issue.repositoryId), doer, "read") &&
        (state === "all" || issue.state === state) &&
        (type === undefined || (type === "pulls") === (issue.pull !== null)) &&
        (!asked("assigned") || issue.assigneeIds.includes(doer.id)) &&
        (!asked("created") || issue.posterId === doer.id),
    );
    const page = pageOf(c, world, found.reverse(), true);
    return answer(
      c,
      200,
      page.map((issue) => presentIssue(world, issue, doer)),
    );
  });
}
