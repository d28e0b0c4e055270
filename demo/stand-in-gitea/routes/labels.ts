/** Routes about labels of repositories and of issues, and about milestones. */
import { z } from "zod";
import { ApiError, notFound } from "../api-error.ts";
import { addLabels, clearLabels, removeLabel, replaceLabels } from "../issue-labels.ts";
import { labelsOf, presentLabel, presentMilestone } from "../present/issue.ts";
import { type Issue, type Label, nextId, type Repository } from "../state.ts";
import { timestamp, type World } from "../world.ts";
import {
  type Api,
  answer,
  answerEmpty,
  type Call,
  doerOf,
  issueFrom,
  pageOf,
  parameter,
  readBody,
  repositoryFor,
  repositoryFrom,
} from "./call.ts";

const NewLabel = z.object({
  name: z.string().min(1, "[Name]: Required"),
  color: z.string().regex(/^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i, "invalid label color"),
  description: z.string().nullish(),
  exclusive: z.boolean().nullish(),
});
const LabelList = z.object({ labels: z.array(z.unknown()).nullish() });
const NewMilestone = z.object({ title: z.string().min(1), description: z.string().nullish() });

function labelsIn(world: World, repository: Repository): readonly Label[] {
  return world.state.labels.filter((label) => label.repositoryId === repository.id);
}

/** The labels a body names, by ids or by names; unknown names are dropped, a mixture is refused. */
async function labelsFromBody(c: Call, world: World, repository: Repository): Promise<readonly Label[]> {
  const asked = (await readBody(c, LabelList)).labels ?? [];
  const kinds = new Set(asked.map((label) => typeof label));
  if (kinds.size > 1) throw new ApiError(400, "labels should be an array of strings or integers");
  return labelsIn(world, repository).filter((label) => asked.includes(label.id) || asked.includes(label.name));
}

function addRepositoryLabelRoutes(api: Api, world: World): void {
  const path = "/repos/:owner/:repo/labels";
  api.get(path, (c) => {
    const labels = [...labelsIn(world, repositoryFrom(c, world))].sort((a, b) => a.name.localeCompare(b.name));
    return answer(
      c,
      200,
      pageOf(c, world, labels, false).map((label) => presentLabel(world, label)),
    );
  });
  api.post(path, async (c) => {
    const repository = repositoryFor(c, world, "write");
    const wish = await readBody(c, NewLabel);
    const hex = wish.color.replace("#", "").toLowerCase();
    const label = {
      id: nextId(world.state, "label"),
      repositoryId: repository.id,
      name: wish.name,
      color: hex.length === 3 ? hex.replace(/./g, "$&$&") : hex,
      description: wish.description ?? "",
      exclusive: wish.exclusive ?? false,
    };
    world.state.labels.push(label);
    return answer(c, 201, presentLabel(world, label));
  });
  api.get(`${path}/:label`, (c) => {
    const wanted = decodeURIComponent(parameter(c, "label"));
    const labels = labelsIn(world, repositoryFrom(c, world));
    const label = labels.find((candidate) =>
      /^\d+$/.test(wanted) ? candidate.id === Number(wanted) : candidate.name === wanted,
    );
    if (!label) throw notFound();
    return answer(c, 200, presentLabel(world, label));
  });
  api.delete(`${path}/:label{[0-9]+}`, (c) => {
    repositoryFor(c, world, "write");
    const id = Number(parameter(c, "label"));
    world.state.labels = world.state.labels.filter((label) => label.id !== id);
    for (const issue of world.state.issues) issue.labelIds = issue.labelIds.filter((labelId) => labelId !== id);
    return answerEmpty(c, 204);
  });
}

function addIssueLabelRoutes(api: Api, world: World): void {
  const path = "/repos/:owner/:repo/issues/:index{[0-9]+}/labels";
  const all = (c: Call, issue: Issue): Response =>
    answer(
      c,
      200,
      labelsOf(world, issue).map((label) => presentLabel(world, label)),
    );
  api.get(path, (c) => all(c, issueFrom(c, world, repositoryFrom(c, world))));
  api.post(path, async (c) => {
    const repository = repositoryFor(c, world, "write");
    const issue = issueFrom(c, world, repository);
    await addLabels(world, issue, await labelsFromBody(c, world, repository), doerOf(c));
    return all(c, issue);
  });
  api.put(path, async (c) => {
    const repository = repositoryFor(c, world, "write");
    const issue = issueFrom(c, world, repository);
    await replaceLabels(world, issue, await labelsFromBody(c, world, repository), doerOf(c));
    return all(c, issue);
  });
  api.delete(path, async (c) => {
    await clearLabels(world, issueFrom(c, world, repositoryFor(c, world, "write")), doerOf(c));
    return answerEmpty(c, 204);
  });
  api.delete(`${path}/:id`, async (c) => {
    const repository = repositoryFor(c, world, "write");
    const id = Number(parameter(c, "id")) || 0;
    const label = labelsIn(world, repository).find((candidate) => candidate.id === id);
    if (!label) throw new ApiError(422, `label does not exist [label_id: ${id}]`);
    await removeLabel(world, issueFrom(c, world, repository), label, doerOf(c));
    return answerEmpty(c, 204);
  });
}

function addMilestoneRoutes(api: Api, world: World): void {
  const path = "/repos/:owner/:repo/milestones";
  api.get(path, (c) => {
    const { id } = repositoryFrom(c, world);
    const milestones = world.state.milestones.filter((milestone) => milestone.repositoryId === id);
    return answer(
      c,
      200,
      pageOf(c, world, milestones, false).map((milestone) => presentMilestone(world, milestone)),
    );
  });
  api.post(path, async (c) => {
    const repository = repositoryFor(c, world, "write");
    const { title, description } = await readBody(c, NewMilestone);
    const id = nextId(world.state, "milestone");
    const milestone = { id, repositoryId: repository.id, title, description: description ?? "", created: timestamp() };
    world.state.milestones.push(milestone);
    return answer(c, 201, presentMilestone(world, milestone));
  });
}

/** Adds the routes about labels and milestones. */
export function addLabelRoutes(api: Api, world: World): void {
  addRepositoryLabelRoutes(api, world);
  addIssueLabelRoutes(api, world);
  addMilestoneRoutes(api, world);
}
