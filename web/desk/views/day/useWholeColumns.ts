// A column holds nine hours of quarter-hours at once; where a provider has more, the rest is asked for.

import { useEffect, useMemo, useState } from "preact/hooks";
import { pipe, subscribe } from "wonka";

import { client } from "../../data/client";
import { type Column, once, type Visit } from "../../data/visits";
import { Rest } from "../../operations";

interface Window {
  from: string;
  to: string;
  withPatients: boolean;
}

export function useWholeColumns(columns: Column[] | undefined, window: Window): Column[] | undefined {
  const [rest, setRest] = useState<Map<string, Visit[][]>>(new Map());
  const unfinished = (columns ?? []).flatMap(({ id, appointments }) =>
    appointments?.pageInfo.hasNextPage ? [{ id, after: appointments.pageInfo.endCursor }] : [],
  );
  const key = JSON.stringify([window, unfinished]);
  useEffect(() => {
    setRest(new Map());
    const stops: (() => void)[] = [];
    const ask = (id: string, after: string | null, place: number) => {
      let isAsked = false;
      const { from, to, withPatients } = window;
      const { unsubscribe } = pipe(
        client.query(Rest, { id, from, to, withPatients, after }),
        subscribe(({ data }) => {
          const page = data?.provider?.appointments;
          if (!page) return;
          setRest((before) => {
            const pages = [...(before.get(id) ?? [])];
            pages[place] = page.nodes;
            return new Map(before).set(id, pages);
          });
          if (page.pageInfo.hasNextPage && !isAsked) ask(id, page.pageInfo.endCursor, place + 1);
          isAsked = true;
        }),
      );
      stops.push(unsubscribe);
    };
    for (const { id, after } of unfinished) ask(id, after, 0);
    return () => {
      for (const stop of stops) stop();
    };
  }, [key]);
  return useMemo(
    () =>
      columns?.map((column) => {
        const more = rest.get(column.id);
        if (!more || !column.appointments) return column;
        const nodes = once([...column.appointments.nodes, ...more.flat()]);
        return { ...column, appointments: { ...column.appointments, nodes } };
      }),
    [columns, rest],
  );
}
