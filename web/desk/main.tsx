// The front desk: the page for the people who book. It speaks the public GraphQL API, and nothing else.

import "./style/base.css";
import "./style/notes.css";
import "./style/toasts.css";
import "./style/shell.css";
import "./style/board.css";
import "./style/lanes.css";
import "./style/dialogs.css";
import "./style/booking.css";
import "./style/refused.css";
import "./style/lists.css";
import "./style/hours.css";
import "./style/waitlist.css";
import "./style/webhooks.css";
import "./style/mail.css";
import "./style/print.css";

import { render } from "preact";

import { App } from "./App";

const root = document.getElementById("root");
if (root) render(<App />, root);
