/**
 * The networks of a method, trained one after another: the members of an ensemble, or the only one.
 */
import type { Member, Method } from "../methods/method.js";
import type { Stream } from "../random/index.js";
import type { TrainedMember } from "./checkpoint.js";
import { trainMember, type MemberJob, type Select } from "./member.js";
import type { TrainSettings } from "./options.js";
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
  };
  return (ensemble?.members ?? [only]).map((member) => ({
    member,
    settings: settingsOf(member.settings, member.emulation?.simulations ?? 0),
  }));
}

/** What all members are trained with. */
export interface MembersJob extends Omit<
  MemberJob,
  "losses" | "settings" | "open" | "finished" | "advise"
> {
  /** The examples of a member. */
  readonly open: (planned: PlannedMember, random: Stream, select: Select) => Promise<ExampleSource>;
}

/** Trains them, but for those that a checkpoint has; fewer, where the signal comes. */
export async function trainMembers(
  members: readonly PlannedMember[],
  job: MembersJob,
): Promise<readonly TrainedMember[]> {
  const { resumed, meter, options } = job;
  const finished = [...(resumed?.finished ?? [])];
  const before = finished.length;
  for (const [k, planned] of members.entries()) {
    const { member, settings } = planned;
    if (k < before) continue;
    const random = k === 0 ? job.random : job.random.split("member").split(k);
    meter.update({ ...(members.length > 1 && { network: k + 1, networks: members.length }) });
    const trained = await trainMember({
      ...job,
      losses: (context) => member.losses(context),
      settings,
      open: (select) => job.open(planned, random, select),
      resumed: k === before ? resumed : undefined,
      finished: [...finished],
      advise: members.length === 1,
      random,
    });
    // A member that was stopped before its first epoch has nothing to say beside those that are trained.
    if (k === 0 || trained.history.length > 0) finished.push(trained);
    if (options.signal?.aborted === true) break;
  }
  return finished;
}
