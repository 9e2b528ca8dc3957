// GraphiQL for clinic: same origin only, the examples as tabs, subscriptions over /graphql/ws.
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./main.css";

import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { Kind, parse } from "graphql";
import { createClient } from "graphql-ws";
import { createRoot } from "react-dom/client";

import { examples } from "./examples.js";

const SOCKET_URL = new URL("/graphql/ws", window.location.href.replace(/^http/, "ws")).href;

const isToken = (name) => name.toLowerCase() === "authorization";

/** The last token typed in any tab: GraphiQL keeps headers for each tab apart. Gone on reload. */
let lastToken = {};

/** The token of this run, under the name the WebSocket wants: browsers send no headers there. */
const tokenOf = (headers) => {
  const name = Object.keys(headers).find(isToken);
  if (name) lastToken = { authorization: headers[name] };
  return lastToken;
};

/** The server's word that the token is wrong: asking again would not make it right. */
const FORBIDDEN = 4403;

/** A subscription outlives a restart of the server: about four minutes of trying, never hastily. */
const reconnecting = {
  retryAttempts: 30,
  retryWait: (tries) =>
    new Promise((resolve) => {
      setTimeout(resolve, Math.min(8000, 500 * 2 ** tries) * (0.75 + Math.random() / 2));
    }),
  shouldRetry: ({ code }) => code !== FORBIDDEN,
};

/**
 * What the editor holds now. GraphiQL notices a little late that it holds something else: run right
 * after a change of tabs, it would ask for the operation of the tab before.
 */
const current = (params, options) => {
  let documentAST;
  try {
    documentAST = parse(params.query);
  } catch {
    return [params, options]; // The server says what is wrong.
  }
  const operations = documentAST.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const operationName = operations.length === 1 ? operations[0].name?.value : params.operationName;
  return [{ ...params, operationName }, { ...options, documentAST }];
};

// A fetcher for each run, so that the socket always carries the token of that run.
const fetcher = (params, options) => {
  const headers = options?.headers ?? {};
  const token = tokenOf(headers);
  const others = Object.entries(headers).filter(([name]) => !isToken(name));
  const fetchIt = createGraphiQLFetcher({
    url: "/graphql",
    enableIncrementalDelivery: false,
    wsClient: createClient({ url: SOCKET_URL, connectionParams: token, ...reconnecting }),
  });
  const [request, choices] = current(params, options);
  return fetchIt(request, { ...choices, headers: { ...Object.fromEntries(others), ...token } });
};

const defaultTabs = examples().map(({ query, variables }) => ({
  query,
  variables: JSON.stringify(variables, null, 2),
}));

/** Forgets the edited tabs, so that the examples come back with today's dates. */
const restoreExamples = () => {
  for (const key of ["tabState", "query", "variables", "operationName"]) {
    window.localStorage.removeItem(`graphiql:${key}`);
  }
  window.location.reload();
};

createRoot(document.getElementById("root")).render(
  <GraphiQL fetcher={fetcher} defaultTabs={defaultTabs} defaultEditorToolsVisibility="variables">
    <GraphiQL.Logo>
      <a className="clinic-logo" href="/" title="clinic: all pages">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="8" />
          <path d="M13 7h6v6h6v6h-6v6h-6v-6H7v-6h6z" />
        </svg>
        clinic
      </a>
      <button
        type="button"
        className="clinic-restore"
        title="Replace all tabs by the examples, with today's dates"
        onClick={restoreExamples}
      >
        Restore examples
      </button>
    </GraphiQL.Logo>
  </GraphiQL>,
);
