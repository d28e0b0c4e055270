/** Labels of repositories and issues: the forge port's part about them. */
import { z } from "zod";
import { RetryableError } from "../domain/errors.ts";
import { ownerAndRepo, type RepositoryName } from "../domain/ids.ts";
import type { Forge, LabelDefinition } from "../ports/forge.ts";
import { LabelAnswer } from "./forge-schema.ts";
import type { ForgeCalls } from "./octokit-call.ts";

type Labels = Pick<Forge, "ensureRepositoryLabels" | "ensureIssueLabel">;

const LABELS = "/repos/{owner}/{repo}/labels";
const ISSUE_LABELS = "/repos/{owner}/{repo}/issues/{index}/labels";

/** Labels through the API. Which ones a repository has is remembered until one turns out to be gone. */
export function createOctokitLabels(calls: ForgeCalls): Labels {
  const known = new Map<RepositoryName, ReadonlySet<string>>();
  const creating = new Map<RepositoryName, Promise<void>>();

  async function ensureAll(repository: RepositoryName, wanted: readonly LabelDefinition[]): Promise<void> {
    const place = ownerAndRepo(repository);
    const isMissing = ({ name }: LabelDefinition) => known.get(repository)?.has(name) !== true;
    if (!wanted.some(isMissing)) return;
    const present = await calls.list(LabelAnswer, `GET ${LABELS}`, place);
    const names = new Set(present.map(({ name }) => name));
    for (const { name, color, description } of wanted.filter((label) => !names.has(label.name))) {
      await calls.write(`POST ${LABELS}`, { ...place, name, color, description, exclusive: name.includes("/") });
      names.add(name);
    }
    known.set(repository, names);
  }

  return {
    /** One at a time for a repository: Gitea makes a second label of the same name without a word. */
    async ensureRepositoryLabels(repository, labels) {
      const before = creating.get(repository) ?? Promise.resolve();
      const mine = before.catch(() => undefined).then(() => ensureAll(repository, labels));
      creating.set(repository, mine);
      await mine;
    },

    async ensureIssueLabel(issue, wanted, family, names) {
      const isRight = (labels: readonly string[]) => {
        const own = labels.filter((name) => family.includes(name));
        return wanted === undefined ? own.length === 0 : own.length === 1 && own[0] === wanted;
      };
      if (names !== undefined && isRight(names)) return;
      const place = { ...ownerAndRepo(issue.repository), index: issue.number };
      const before = await calls.request(z.array(LabelAnswer), `GET ${ISSUE_LABELS}`, place);
      if (isRight(before.map(({ name }) => name))) return;
      const labels = wanted === undefined ? before : await addLabel(issue.repository, place, wanted);
      for (const { id, name } of labels) {
        if (name === wanted || !family.includes(name)) continue;
        await calls.write(`DELETE ${ISSUE_LABELS}/{id}`, { ...place, id }, [404, 422]);
      }
    },
  };

  /** The first of its scope to be added takes the others away. Gitea drops unknown names silently. */
  async function addLabel(repository: RepositoryName, place: object, name: string): Promise<readonly LabelAnswer[]> {
    const labels = await calls.request(z.array(LabelAnswer), `POST ${ISSUE_LABELS}`, { ...place, labels: [name] });
    if (labels.some((label) => label.name === name)) return labels;
    known.delete(repository);
    throw new RetryableError("FORGE_CONFLICT", `The label ${name} is not there any more; it is made again.`);
  }
}
