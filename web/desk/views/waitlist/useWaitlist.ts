// The waitlist, read again whenever it changes.

import { useEffect, useMemo } from "preact/hooks";

import { useClinic } from "../../data/clinic";
import type { ResultOf } from "../../data/graphql";
import { usePages } from "../../data/usePages";
import { type Entry, OVER, WAITS } from "../../data/waitlist";
import { followWaitlist } from "../../live/waitlist";
import { Waitlist } from "../../operations";

/** Changes come in crowds, as when many are offered a time at once: they are read together. */
const CROWD_MS = 100;
/** Of those that are over so many are shown, the last. */
export const LAST = 50;

type Connection = NonNullable<ResultOf<typeof Waitlist>["waitlistEntries"]>;

function page({ waitlistEntries }: ResultOf<typeof Waitlist>) {
  if (!waitlistEntries) return null;
  const { hasNextPage, endCursor } = waitlistEntries.pageInfo;
  return { item: waitlistEntries, hasNextPage, endCursor };
}

function entriesOf(pages: Connection[], isOver: boolean): Entry[] {
  const wanted = isOver ? OVER : WAITS;
  const entries = new Map(pages.flatMap(({ nodes }) => nodes.map((entry) => [entry.id, entry])));
  return [...entries.values()].filter(({ status }) => wanted.includes(status));
}

export function useWaitlist(isOver: boolean) {
  const { withPatients } = useClinic();
  const asked = isOver ? { status: OVER, last: LAST } : { status: WAITS, first: 50 };
  const { pages, error, again } = usePages(Waitlist, { ...asked, withPatients }, page);
  useEffect(() => {
    let timer = 0;
    const read = () => {
      timer = 0;
      again();
    };
    const stop = followWaitlist(() => {
      timer ||= setTimeout(read, CROWD_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [again]);
  const entries = useMemo(() => pages && entriesOf(pages, isOver), [pages, isOver]);
  return { entries, hasOlder: isOver && (pages?.[0]?.pageInfo.hasPreviousPage ?? false), error, again };
}
