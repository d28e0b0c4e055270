/** Labels on issues: exclusive scopes, and events that do not say what changed. */
import { tellThread } from "./notify.ts";
import type { Issue, Label, User } from "./state.ts";
import { addEntry } from "./threads.ts";
import type { World } from "./world.ts";

function scopeOf(label: Label): string | undefined {
  const slash = label.name.lastIndexOf("/");
  return label.exclusive && slash > 0 ? label.name.slice(0, slash) : undefined;
}

function detach(world: World, issue: Issue, label: Label, doer: User): void {
  issue.labelIds = issue.labelIds.filter((id) => id !== label.id);
  addEntry(world, issue, { type: "label", userId: doer.id, labelId: label.id });
}

function attach(world: World, issue: Issue, label: Label, doer: User): void {
  if (issue.labelIds.includes(label.id)) return;
  const scope = scopeOf(label);
  const siblings = world.state.labels.filter(
    (other) => issue.labelIds.includes(other.id) && scope !== undefined && scopeOf(other) === scope,
  );
  for (const sibling of siblings) detach(world, issue, sibling, doer);
  issue.labelIds = [...issue.labelIds, label.id];
  addEntry(world, issue, { type: "label", userId: doer.id, labelId: label.id, body: "1" });
}

function tellLabels(world: World, issue: Issue, doer: User, action: string): Promise<void> {
  const audience = issue.pull ? "owner" : "poster";
  return tellThread(world, { aspect: "label", action, issue, doer }, { audience });
}

function labelsOn(world: World, issue: Issue): readonly Label[] {
  return world.state.labels.filter((label) => issue.labelIds.includes(label.id));
}

/** Adds labels; the event comes even when nothing changed. */
export async function addLabels(world: World, issue: Issue, labels: readonly Label[], doer: User): Promise<void> {
  for (const label of labels) attach(world, issue, label, doer);
  await tellLabels(world, issue, doer, "label_updated");
}

/** Replaces all labels; the event shows the issue between the removal and the addition. */
export async function replaceLabels(world: World, issue: Issue, labels: readonly Label[], doer: User): Promise<void> {
  const kept = issue.labelIds.filter((id) => labels.some((label) => label.id === id));
  for (const label of labelsOn(world, issue)) if (!kept.includes(label.id)) detach(world, issue, label, doer);
  issue.labelIds = [];
  await tellLabels(world, issue, doer, "label_updated");
  issue.labelIds = kept;
  for (const label of labels) attach(world, issue, label, doer);
}

/** Takes one label away; the event comes even when it was not there. */
export async function removeLabel(world: World, issue: Issue, label: Label, doer: User): Promise<void> {
  if (issue.labelIds.includes(label.id)) detach(world, issue, label, doer);
  await tellLabels(world, issue, doer, "label_updated");
}

/** Takes all labels away; the event still shows them. */
export async function clearLabels(world: World, issue: Issue, doer: User): Promise<void> {
  await tellLabels(world, issue, doer, "label_cleared");
  for (const label of labelsOn(world, issue)) detach(world, issue, label, doer);
}
