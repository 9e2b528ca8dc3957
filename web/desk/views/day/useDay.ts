// The day of the clinic: the columns of all its providers. What changes of the roster is read again, one
// column for one provider.

import { useMemo } from "preact/hooks";

import { client } from "../../data/client";
import { BACKGROUND } from "../../data/fetching";
import type { ResultOf, VariablesOf } from "../../data/graphql";
import { useRosterChange } from "../../data/useLive";
import { usePages } from "../../data/usePages";
import type { Column } from "../../data/visits";
import { Column as ColumnQuery, Day } from "../../operations";
import { useWholeColumns } from "./useWholeColumns";

const read = ({ providers }: ResultOf<typeof Day>) => providers && { item: providers.nodes, ...providers.pageInfo };

export interface DayAnswer {
  columns: Column[] | undefined;
  error: string | undefined;
  again: () => void;
}

export function useDay(variables: Omit<VariablesOf<typeof Day>, "after">): DayAnswer {
  const { pages, error, again } = usePages(Day, variables, read);
  useRosterChange(
    (id) => {
      if (id === null) return again();
      const context = { requestPolicy: "network-only", fetchOptions: { headers: BACKGROUND } } as const;
      return void client.query(ColumnQuery, { id, ...variables }, context).toPromise();
    },
    [JSON.stringify(variables)],
  );
  const { from, to, withPatients = true } = variables;
  const columns = useWholeColumns(
    useMemo(() => pages?.flat(), [pages]),
    { from, to, withPatients },
  );
  return { columns, error, again };
}
