/** Control groups for sandboxes, some of them kept ready: the kernel takes a millisecond or two to make one. */
import { createSpares, type Spare, type Spares } from "../spares.ts";
import { type Group, type GroupLimits, type GroupMaker, openGroupMaker } from "./cgroup-limits.ts";

/** As many sandboxes as usually start at once; what is left of them when the runner ends is removed by the next one. */
const SPARES = 8;

/** Where groups come from. */
export interface GroupHierarchy {
  /** For people: `cgroup v1`, `cgroup v2`. */
  readonly name: string;
  /** A group with these limits and nothing in it. */
  take(limits: GroupLimits): Promise<Group>;
}

async function make(maker: GroupMaker, limits: GroupLimits): Promise<Spare & Group> {
  const group = maker.create(limits);
  return { ...group, isAlive: () => true, release: group.remove };
}

/** The hierarchy that this process may use; absent where there is none. */
export function openGroupHierarchy(): GroupHierarchy | undefined {
  const maker = openGroupMaker();
  if (!maker) return undefined;
  const supplies = new Map<string, Spares<Spare & Group>>();
  return {
    name: maker.name,
    take: (limits) => {
      const key = [limits.memoryBytes, limits.processes, limits.cpus].join(" ");
      const supply = supplies.get(key) ?? createSpares(SPARES, () => make(maker, limits));
      supplies.set(key, supply);
      return supply.take();
    },
  };
}
