// GraphiQL's tabs as they are when the page opens: those of before with fresh variables, or the examples.

import { examples, operationName } from "./examples.js";
import { forget, lastWritten, refilled, remember } from "./fill.js";

const STORED = "graphiql:tabState";

const textOf = (variables) => JSON.stringify(variables, null, 2);

const storedTabs = () => {
  try {
    const state = JSON.parse(localStorage.getItem(STORED));
    return Array.isArray(state.tabs) && state.tabs.length > 0 ? state : null;
  } catch {
    return null;
  }
};

/** A tab of before: an example that nobody changed becomes that of today. */
const renewed = (tab, offered) => {
  const name = operationName(tab.query);
  const example = offered.find(({ query }) => operationName(query) === name);
  if (!example) return tab;
  const text = refilled({ name, query: tab.query, text: tab.variables, fresh: example.variables });
  const query = tab.query === lastWritten(name)?.query ? example.query : tab.query;
  return { ...tab, query, variables: text };
};

/** The tabs that GraphiQL is to open, and the one in front, which it does not fill in by itself. */
export const tabsToOpen = () => {
  const offered = examples();
  const stored = storedTabs();
  let tabs = offered.map(({ query, variables }) => ({ query, variables: textOf(variables) }));
  let front = 0;
  if (stored) {
    tabs = stored.tabs.map((tab) => renewed(tab, offered));
    front = Math.min(Math.max(stored.activeTabIndex ?? 0, 0), tabs.length - 1);
    localStorage.setItem(STORED, JSON.stringify({ ...stored, tabs, activeTabIndex: front }));
  }
  for (const { query, variables } of offered) remember(operationName(query), query, variables);
  return { defaultTabs: tabs, initialQuery: tabs[front].query ?? "", initialVariables: tabs[front].variables ?? "" };
};

/** Forgets the edited tabs, so that the examples come back with today's dates. */
export const restoreExamples = () => {
  forget();
  for (const key of ["tabState", "query", "variables", "operationName"]) {
    localStorage.removeItem(`graphiql:${key}`);
  }
  location.reload();
};
