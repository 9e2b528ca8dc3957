// What a provider has on a day, page by page.

import type { Run } from "./client.js";
import type { ScheduleQuery } from "./generated/graphql.js";
import { graphql } from "./generated/index.js";

const Schedule = graphql(`
  query Schedule($providerId: ID!, $from: DateTime!, $to: DateTime!, $first: Int!, $after: String) {
    provider(id: $providerId) {
      appointments(from: $from, to: $to, first: $first, after: $after) {
        nodes {
          id
          status
          startsAt
          localStartsAt
          patient {
            name
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

type Connection = NonNullable<NonNullable<ScheduleQuery["provider"]>["appointments"]>;
export type ScheduledVisit = Connection["nodes"][number];

/**
 * All visits of a provider that overlap a window, in order. Pages are fetched as they are needed;
 * `endCursor` of one is `after` of the next.
 */
export async function* schedule(
  run: Run,
  providerId: string,
  from: Date,
  to: Date,
  pageSize = 50,
): AsyncGenerator<ScheduledVisit> {
  let after: string | null = null;
  do {
    const answer: ScheduleQuery = await run(Schedule, {
      providerId,
      from: from.toISOString(),
      to: to.toISOString(),
      first: pageSize,
      after,
    });
    const page: Connection | null | undefined = answer.provider?.appointments;
    if (!page) return;
    yield* page.nodes;
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after);
}
