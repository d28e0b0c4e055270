/** GitHub's calls about labels, which it knows by name, and reactions, which it knows by number, on Gitea's routes. */
import {
  type Answer,
  type Call,
  CompatError,
  fieldsOf,
  itemsOf,
  type Method,
  type Route,
  repositoryRoute,
  type Send,
  sendAll,
  withData,
  without,
} from "./compat-call.ts";

/** What GitHub gives a label that comes into being by being added. */
const NEW_LABEL_COLOR = "ededed";

/** Gitea's reactions have no numbers: the place in this list is one, and 1 the first. */
const REACTIONS = ["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"];

/** Routes about labels and reactions. */
export const LABEL_ROUTES: readonly Route[] = [
  ...(["POST", "PUT"] as const).map((method) =>
    repositoryRoute(method, "/issues/(\\d+)/labels", (call, [repository = "", number = ""], send) =>
      setLabels(method, { issue: `${repository}/issues/${number}`, repository }, namesFrom(call.body), send),
    ),
  ),
  repositoryRoute("DELETE", "/issues/(\\d+)/labels/([^/]+)", removeLabel),
  repositoryRoute("POST", "/labels", createLabel),
  repositoryRoute("GET", "/labels/([^/]+)", async (call, [repository = "", name = ""], send) => {
    const labels = await sendAll(send, `${repository}/labels`);
    const known = labels.find((label) => label.name === decodeURIComponent(name));
    // Only a name that is not the repository's may be the organisation's.
    return known ? { status: 200, headers: {}, data: known } : send(call);
  }),
  repositoryRoute("PATCH", "/labels/([^/]+)", async (call, [repository = "", name = ""], send) => {
    const { new_name, ...body } = fieldsOf(call.body);
    const renamed = new_name === undefined ? body : { ...body, name: new_name };
    return send({ ...call, path: `${repository}/labels/${await labelId(repository, name, send)}`, body: renamed });
  }),
  repositoryRoute("DELETE", "/labels/([^/]+)", async (call, [repository = "", name = ""], send) =>
    send({ ...call, path: `${repository}/labels/${await labelId(repository, name, send)}` }),
  ),
  repositoryRoute("GET", "(/issues/(?:comments/)?\\d+/reactions)", async (call, _parts, send) => {
    const answer = await send(call);
    return withData(answer, itemsOf(answer.data).map(withReactionId));
  }),
  repositoryRoute("POST", "(/issues/(?:comments/)?\\d+/reactions)", async (call, _parts, send) => {
    const answer = await send(call);
    return withData(answer, withReactionId(fieldsOf(answer.data)));
  }),
  repositoryRoute(
    "DELETE",
    "(/issues/(?:comments/)?\\d+/reactions)/(\\d+)",
    async (call, [repository, path, id], send) => {
      const content = REACTIONS[Number(id) - 1];
      const answer = await send({ ...call, path: `${repository}${path}`, body: { content } });
      return withData(answer, "", 204);
    },
  ),
];

/** Adds labels to an issue (`POST`) or puts them in place of what it has (`PUT`); unknown ones are made, as on GitHub. */
export async function setLabels(
  method: Extract<Method, "POST" | "PUT">,
  at: { readonly issue: string; readonly repository: string },
  labels: readonly unknown[],
  send: Send,
): Promise<Answer> {
  const names = labels.map((label) => (typeof label === "string" ? label : String(fieldsOf(label).name)));
  const set = () => send({ method, path: `${at.issue}/labels`, body: { labels: names } });
  const answer = await set();
  const present = itemsOf(answer.data).map(({ name }) => name);
  const missing = names.filter((name) => !present.includes(name));
  // An exclusive label takes its siblings away: what is missing for that reason is there already.
  const known = missing.length > 0 ? await sendAll(send, `${at.repository}/labels`) : [];
  const unknown = missing.filter((name) => !known.some((label) => label.name === name));
  for (const name of unknown) {
    await send({ method: "POST", path: `${at.repository}/labels`, body: { name, color: NEW_LABEL_COLOR } });
  }
  return unknown.length > 0 ? set() : answer;
}

function namesFrom(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body;
  const { labels } = fieldsOf(body);
  return Array.isArray(labels) ? labels : [];
}

async function removeLabel(
  call: Call,
  [repository, number, name = ""]: readonly string[],
  send: Send,
): Promise<Answer> {
  const path = `${repository}/issues/${number}/labels`;
  const wanted = decodeURIComponent(name);
  const labels = itemsOf((await send({ path })).data);
  const label = labels.find((candidate) => candidate.name === wanted);
  if (!label) throw new CompatError(404, "Label does not exist");
  const answer = await send({ ...call, path: `${path}/${label.id}` });
  return withData(
    answer,
    labels.filter((candidate) => candidate !== label),
    200,
  );
}

async function createLabel(call: Call, [repository]: readonly string[], send: Send): Promise<Answer> {
  const body = fieldsOf(call.body);
  const known = await sendAll(send, `${repository}/labels`);
  // Gitea would make a second one.
  if (known.some(({ name }) => name === body.name)) throw new CompatError(422, "Validation Failed: already_exists");
  return send({ ...call, body: { color: NEW_LABEL_COLOR, ...body } });
}

async function labelId(repository: string, name: string, send: Send): Promise<number> {
  const labels = await sendAll(send, `${repository}/labels`);
  const label = labels.find((candidate) => candidate.name === decodeURIComponent(name));
  if (!label) throw new CompatError(404, "Not Found");
  return Number(label.id);
}

function withReactionId(reaction: Record<string, unknown>): Record<string, unknown> {
  return { ...without(reaction, "id"), id: REACTIONS.indexOf(String(reaction.content)) + 1 };
}
