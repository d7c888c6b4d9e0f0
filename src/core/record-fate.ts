/** Decides which records `reap` may remove: those whose processes can no longer be alive, and nothing it cannot judge. */

export interface RecordFacts {
  /** What is wrong with it; null: it is a record of this boot. */
  readonly problem: 'corrupt' | 'empty' | 'newer' | 'foreign-boot' | null;
  /** The boot id that can be read in it, however damaged; null: none. */
  readonly bootId: string | null;
  /** When the file was changed last (ctime), and when this machine started; milliseconds since the epoch. */
  readonly changedMs: number;
  readonly bootedMs: number | null;
  readonly currentBootId: string;
  /** A process of this generation lives, or the record is the running instance's. */
  readonly inUse: boolean;
  /** Its live processes are about to be ended. */
  readonly ending: boolean;
}

/** The clock may have been set between the boot and now, so a narrow case is left alone. */
const clockSlackMs = 60_000;

export function recordFate(facts: RecordFacts): { readonly remove: boolean; readonly because: string } {
  const keep = (because: string) => ({ remove: false, because });
  const remove = (because: string) => ({ remove: true, because });
  if (facts.inUse) return keep('its processes live');
  if (facts.problem === null)
    return remove(facts.ending ? 'its processes will have ended' : 'none of its processes lives');
  if (facts.problem === 'newer') return keep('a newer upkeep wrote it; update this one');
  if (facts.problem === 'foreign-boot') return remove('it is from before the last boot');
  const otherBoot = facts.bootId !== null && facts.bootId !== facts.currentBootId;
  const older = facts.bootedMs !== null && facts.changedMs < facts.bootedMs - clockSlackMs;
  if (otherBoot || (facts.bootId === null && older))
    return remove(`it is ${facts.problem}, and from before the last boot`);
  return keep(`it is ${facts.problem}, and may tell of processes of this boot: look at it, then delete it`);
}
