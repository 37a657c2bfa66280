/**
 * What the networks make of groups, from the innermost up.
 */
import { hostTensor, type HostTensor } from "@amortis/graph";
import type { DataSets } from "../data/data-sets.js";
import type { OpenedPrograms } from "./opened-programs.js";
import { finiteOf, floatsOf, joined, resultsOf } from "./results.js";

/** Groups that one call sees, those that there is room for among them. */
const GROUPS_PER_CALL = 2 ** 14;

/**
 * Vectors of all groups, [groups, k], by level: of all groups together first, then of each level, outermost first.
 *
 * @param parents for each level, outermost first, and each of its groups: the group that it is in.
 * @param tops how many groups the outermost are in: hierarchies, or blocks.
 */
export async function vectorsOf(
  programs: OpenedPrograms,
  data: DataSets,
  parents: readonly Uint32Array[],
  tops: number,
): Promise<readonly HostTensor[]> {
  const results = await resultsOf(data, (feeds) => programs.run("unit", feeds));
  const all = [joined(results, "unit", "what the networks make of it")];
  for (let depth = parents.length - 1; depth >= 0; depth--) {
    const count = depth === 0 ? tops : (parents[depth - 1]?.length ?? 0);
    const [within] = all;
    const parent = parents[depth];
    if (within === undefined || parent === undefined) throw new TypeError("a level has groups");
    all.unshift(await togetherOf(programs, depth, within, parent, count));
  }
  return all;
}

/** The vector of each of `count` groups by those within it. */
async function togetherOf(
  programs: OpenedPrograms,
  depth: number,
  within: HostTensor,
  parent: Uint32Array,
  count: number,
): Promise<HostTensor> {
  const members = Array.from({ length: count }, (): number[] => []);
  for (const [group, above] of parent.entries()) members[above]?.push(group);
  const parts: Float32Array[] = [];
  for (let from = 0; from < count;) {
    let [to, most] = [from, 1];
    while (to < count) {
      const next = Math.max(most, members[to]?.length ?? 0);
      if (to > from && next * (to + 1 - from) > GROUPS_PER_CALL) break;
      most = next;
      to++;
    }
    const feeds = padded(within, members.slice(from, to), most);
    const asked = { what: "what the networks make of groups", first: from, sets: to - from };
    parts.push(finiteOf(await programs.run(`together${depth}`, feeds), "unit", asked));
    from = to;
  }
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return hostTensor(all, [count, all.length / count]);
}

/** The vectors of groups side by side, [groups above, most, k], and which are there. */
function padded(
  vectors: HostTensor,
  members: readonly (readonly number[])[],
  most: number,
): Record<string, HostTensor> {
  const width = vectors.shape[1] ?? 1;
  const from = floatsOf({ vectors }, "vectors");
  const values = new Float32Array(members.length * most * width);
  const there = new Float32Array(members.length * most);
  for (const [i, groups] of members.entries()) {
    for (const [j, group] of groups.entries()) {
      values.set(from.subarray(group * width, (group + 1) * width), (i * most + j) * width);
      there[i * most + j] = 1;
    }
  }
  return {
    vectors: hostTensor(values, [members.length, most, width]),
    there: hostTensor(there, [members.length, most, 1]),
  };
}
