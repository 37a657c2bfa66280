/**
 * The networks of a method: the members of an ensemble, as many of them at once as there are processors, or the only one.
 */
import { processors } from "#platform";
import type { Runtime } from "@amortis/graph";
import type { Member, Method } from "../methods/method.js";
import type { Stream } from "../random/index.js";
import { sideBySide } from "../side-by-side.js";
import type { StopSignal } from "../stop-signal.js";
import type { TrainedMember } from "./checkpoint.js";
import { trainMember, type MemberJob, type Select } from "./member.js";
import { readNetwork, type NetworkSource } from "./network-file.js";
import type { TrainSettings } from "../settings/training.js";
import type { ExampleSource } from "./source.js";

/** A network to train, with its settings. */
export interface PlannedMember {
  readonly member: Member;
  readonly settings: TrainSettings;
}

/**
 * The networks of a method; what is no ensemble is one itself.
 *
 * @param settingsOf settings of training, by what is usual for a network and the simulations of an emulator that it has beside the others.
 */
export function planMembers(
  method: Method,
  settingsOf: (usual: Partial<TrainSettings>, emulations: number) => TrainSettings,
): readonly PlannedMember[] {
  const { ensemble, description, usual = {} } = method;
  const only: Member = {
    description,
    settings: usual,
    losses: (context) => method.losses(context),
    ...(method.density && { density: method.density }),
  };
  return (ensemble?.members ?? [only]).map((member) => ({
    member,
    settings: settingsOf(member.settings, member.emulation?.simulations ?? 0),
  }));
}

/** How a member is trained: by what, where it reports to, and what ends it. */
export type MemberRun = Pick<MemberJob, "runtime" | "meter" | "options">;

/** Bytes of examples that members trained side by side may have together: each thread has its own. */
const MOST_COPIED = 2 ** 28;

/** What all members are trained with. */
export interface MembersJob extends Omit<
  MemberJob,
  "losses" | "density" | "settings" | "open" | "finished" | "advise"
> {
  /** Bytes of the examples that all have. */
  readonly exampleBytes: number;
  /** The examples of a member. */
  readonly open: (
    planned: PlannedMember,
    random: Stream,
    select: Select,
    run: MemberRun,
  ) => Promise<ExampleSource>;
}

/**
 * Trains them, but for those that a checkpoint has; fewer, where the signal comes.
 *
 * Each has its own stream of random numbers, so that it makes no difference how many are trained at once; with a checkpoint, which is of the training of one, they
 * are trained one after another.
 */
export async function trainMembers(
  members: readonly PlannedMember[],
  job: MembersJob,
): Promise<readonly TrainedMember[]> {
  const { networks: elsewhere } = job.options;
  if (elsewhere !== undefined) return trainedElsewhere(members, job, elsewhere);
  const before = job.resumed?.finished ?? [];
  const rest = members.length - before.length;
  const { width, threads } = shareOf(rest, job);
  const finished = new Map<number, TrainedMember>(before.entries());
  const foremost = (): number => members.findIndex((_, k) => !finished.has(k));
  const trainNext = async (i: number, stop: StopSignal): Promise<void> => {
    const k = before.length + i;
    const thread = width > 1 ? job.runtime.startThread?.() : undefined;
    try {
      const lane = { k, of: members.length, runtime: thread ?? job.runtime, threads, stop };
      const own = { ...job, ...runOf(job, lane, () => foremost() === k), threads };
      finished.set(k, await trainOne(members, k, own, [...finished.values()]));
    } finally {
      await thread?.close();
    }
  };
  await sideBySide(rest, width, trainNext, job.options.signal);
  // A member that was stopped before its first epoch has nothing to say beside those that are trained.
  return members.flatMap((_, k) => {
    const trained = finished.get(k);
    return trained !== undefined && (k === 0 || trained.history.length > 0) ? [trained] : [];
  });
}

/**
 * Trains one of them alone, with the bits that it has among the others.
 *
 * @throws the signal's reason, where it comes.
 */
export async function trainOneMember(
  members: readonly PlannedMember[],
  k: number,
  job: MembersJob,
): Promise<TrainedMember> {
  const { runtime, threads, options } = job;
  const { signal } = options;
  const stop = signal ?? new AbortController().signal;
  const lane = { k, of: members.length, runtime, threads, stop };
  const trained = await trainOne(members, k, { ...job, ...runOf(job, lane, () => true) }, []);
  signal?.throwIfAborted();
  return trained;
}

/** All of them, by whoever trains them. */
async function trainedElsewhere(
  members: readonly PlannedMember[],
  { fingerprint, options: { signal } }: MembersJob,
  elsewhere: NetworkSource,
): Promise<readonly TrainedMember[]> {
  const networks = members.length;
  return sideBySide(
    networks,
    networks,
    async (network, stop) => {
      const asked = { network, networks, fingerprint };
      return readNetwork(await elsewhere(asked, stop), asked);
    },
    signal,
  );
}

/** How many members are trained at once, and on how many threads each: all processors are shared among them, as far as there is room for their examples. */
export function shareOf(
  members: number,
  {
    runtime,
    threads,
    exampleBytes,
    options: { checkpoint },
  }: Pick<MembersJob, "runtime" | "threads" | "exampleBytes" | "options">,
): { readonly width: number; readonly threads: number | undefined } {
  const free = threads ?? processors();
  const width = Math.min(members, free, Math.floor(MOST_COPIED / Math.max(1, exampleBytes)));
  if (width <= 1 || checkpoint !== undefined || runtime.startThread === undefined) {
    return { width: 1, threads };
  }
  return { width, threads: Math.floor(free / width) };
}

/** A member among the others. */
interface Lane {
  readonly k: number;
  readonly of: number;
  readonly runtime: Runtime;
  readonly threads: number | undefined;
  readonly stop: StopSignal;
}

/** How a member is trained. */
function runOf(
  { meter, options }: MemberRun,
  { k, of, runtime, threads, stop }: Lane,
  watched: () => boolean,
): MemberRun {
  if (of === 1) return { runtime, meter, options };
  const { onEpoch } = options;
  const network = k + 1;
  return {
    runtime,
    meter: meter.ofNetwork(network, of, watched),
    options: {
      ...options,
      signal: stop,
      ...(threads !== undefined && { threads }),
      ...(onEpoch && {
        onEpoch: (record) => {
          onEpoch({ ...record, network });
        },
      }),
    },
  };
}

async function trainOne(
  members: readonly PlannedMember[],
  k: number,
  job: MembersJob,
  finished: readonly TrainedMember[],
): Promise<TrainedMember> {
  const planned = members[k];
  if (planned === undefined) throw new TypeError(`there is no member ${k}`);
  const { resumed, runtime, meter, options } = job;
  const random = k === 0 ? job.random : job.random.split("member").split(k);
  return trainMember({
    ...job,
    losses: (context) => planned.member.losses(context),
    density: planned.member.density,
    settings: planned.settings,
    open: (select) => job.open(planned, random, select, { runtime, meter, options }),
    resumed: k === (resumed?.finished?.length ?? 0) ? resumed : undefined,
    finished,
    advise: members.length === 1,
    random,
  });
}
