// GraphiQL for clinic: same origin only, the examples as tabs, subscriptions over /graphql/ws.
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./main.css";

import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { GraphiQL } from "graphiql";
import { Kind, OperationTypeNode, parse } from "graphql";
import { createClient } from "graphql-ws";
import { useEffect } from "react";
import { createRoot } from "react-dom/client";

import { operationName } from "./examples.js";
import { hasPlaceholder, refilled, remember } from "./fill.js";
import { knowledge } from "./known.js";
import { restoreExamples, tabsToOpen } from "./tabs.js";
import { askAgain, fetchWithToken, isLockedOut, knownToken } from "./token.js";

const SOCKET_URL = new URL("graphql/ws", window.location.href.replace(/^http/, "ws")).href;

/** GraphiQL's editors, once they are there. */
let editors = {};

/** What the Headers tab says; it goes with every request. */
const headersTyped = () => {
  try {
    return JSON.parse(editors.headerEditor?.getValue() || "{}");
  } catch {
    return {}; // GraphiQL says so when it is run.
  }
};

const post = (request, headers) =>
  fetchWithToken("graphql", {
    method: "POST",
    headers: {
      accept: "application/graphql-response+json, application/json;q=0.9",
      ...headers,
      "content-type": "application/json",
    },
    body: JSON.stringify(request),
  });

const known = knowledge(async (query, variables) => {
  try {
    const response = await post({ query, variables }, headersTyped());
    return (await response.json()).data ?? null;
  } catch {
    return null;
  }
});

/**
 * Fills in what only the server knows, where the reader typed nothing else. Answers the variables as
 * they are now, and a note where a visit had to be booked for it.
 */
const fillIn = async ({ running = false } = {}) => {
  const { queryEditor, variableEditor } = editors;
  const query = queryEditor.getValue();
  const name = operationName(query);
  const ours = async (text, options) => {
    const { variables, note } = await known.variablesOf(name, options);
    if (!variables) return { text };
    const filled = refilled({ name, query, text, fresh: variables, running });
    // Meanwhile another tab may have come to the front, or something may have been typed.
    if (filled !== text && queryEditor.getValue() === query && variableEditor.getValue() === text) {
      remember(name, query, variables);
      variableEditor.setValue(filled);
    }
    return { text: filled, note };
  };
  const first = await ours(variableEditor.getValue());
  return running && hasPlaceholder(first.text) ? ours(first.text, { book: true }) : first;
};

/** The last filling in that was begun; what is run meanwhile waits for it. */
let freshening = null;

/** The one operation of a document, or the one of that name. */
const operationOf = ({ query, operationName: wanted }) => {
  const { definitions } = parse(query);
  const operations = definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  return operations.length === 1 ? operations[0] : operations.find(({ name }) => name?.value === wanted);
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

const WAITING = "Watching: what happens from now on is shown here. Run Book in a second window.";

/** A subscription as GraphiQL takes it. Browsers send no headers when a WebSocket opens. */
const subscribe = (request, headers) => ({
  subscribe(sink) {
    const own = Object.keys(headers).find((name) => name.toLowerCase() === "authorization");
    const token = knownToken();
    const authorization = own ? headers[own] : token && `Bearer ${token}`;
    let isSilent = true;
    const client = createClient({
      url: SOCKET_URL,
      connectionParams: authorization ? { authorization } : {},
      ...reconnecting,
      on: { connected: () => isSilent && sink.next({ extensions: { note: WAITING } }) },
    });
    const unsubscribe = client.subscribe(request, {
      next(result) {
        isSilent = false;
        sink.next(result);
      },
      error(cause) {
        const closed = cause instanceof CloseEvent;
        sink.error(closed ? new Error(`Socket closed with event ${cause.code} ${cause.reason}`.trim()) : cause);
      },
      complete: () => sink.complete(),
    });
    return { unsubscribe };
  },
});

const fetcher = async (params, options) => {
  const headers = options?.headers ?? {};
  if (params.operationName === "IntrospectionQuery") return (await post(params, headers)).json();
  askAgain();
  let operation;
  try {
    // What the editor holds: GraphiQL itself notices a little late that it holds something else.
    operation = operationOf(params);
  } catch {
    return (await post(params, headers)).json(); // The server says what is wrong.
  }
  await freshening;
  const { text, note } = await fillIn({ running: true });
  let { variables } = params;
  try {
    variables = text.trim() === "" ? variables : JSON.parse(text);
  } catch {
    // With comments in it, which GraphiQL has read.
  }
  const request = { query: params.query, variables, operationName: operation?.name?.value };
  if (operation?.operation === OperationTypeNode.SUBSCRIPTION) {
    // Asks for the token where one is needed; a WebSocket is only closed.
    const reply = await post({ query: "{ __typename }" }, headers);
    return reply.status === 401 ? reply.json() : subscribe(request, headers);
  }
  const result = await (await post(request, headers)).json();
  known.learn(result.data);
  return note ? { ...result, extensions: { ...result.extensions, note } } : result;
};

/** Whether the button was pressed before there was an editor: GraphiQL would not hear it. */
let isPressed = false;
document.addEventListener(
  "click",
  ({ target }) => {
    if (!editors.queryEditor && target.closest?.(".graphiql-execute-button")) isPressed = true;
  },
  { capture: true },
);

/** Holds on to the editors, and freshens the variables of the tab that comes to the front. */
const Freshener = () => {
  const { tab, ...held } = useGraphiQL((state) => ({
    tab: state.tabs[state.activeTabIndex],
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
    headerEditor: state.headerEditor,
    responseEditor: state.responseEditor,
  }));
  const { run } = useGraphiQLActions();
  editors = held;
  const all = Object.values(held);
  const areThere = all.every(Boolean);
  useEffect(() => {
    for (const editor of all) editor?.updateOptions({ wordWrap: "on" });
  }, all);
  useEffect(() => {
    // Another tab was chosen before there was an editor to show it.
    if (areThere && tab.query && held.queryEditor.getValue() !== tab.query) {
      held.queryEditor.setValue(tab.query);
      held.variableEditor.setValue(tab.variables ?? "");
    }
  }, [areThere]);
  useEffect(() => {
    if (areThere && !isLockedOut()) freshening = fillIn();
  }, [areThere, tab?.id]);
  useEffect(() => {
    if (areThere && isPressed) run();
  }, [areThere]);
  return null;
};

createRoot(document.getElementById("root")).render(
  <GraphiQL fetcher={fetcher} {...tabsToOpen()} defaultEditorToolsVisibility="variables">
    <GraphiQL.Logo>
      <a className="clinic-logo" href="./" title="clinic: all pages">
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
      <Freshener />
    </GraphiQL.Logo>
  </GraphiQL>,
);
