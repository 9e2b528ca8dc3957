// What is around every view: where to go, whether the page is live, and who is at the desk.

import type { ComponentChildren } from "preact";

import { HOME, signInPage } from "../data/address";
import { useClinic } from "../data/clinic";
import { LiveStatus } from "../parts/LiveStatus";
import { linkTo, type Route, type View } from "../route";

interface Props {
  route: Route;
  onBook: () => void;
  onHelp: () => void;
  children: ComponentChildren;
}

const VIEWS: { view: View; name: string }[] = [
  { view: "day", name: "Day" },
  { view: "week", name: "Week" },
  { view: "list", name: "List" },
];

export function Shell({ route, onBook, onHelp, children }: Props) {
  const { viewer, may, withPatients } = useClinic();
  const views = withPatients ? [...VIEWS, { view: "patients" as const, name: "Patients" }] : VIEWS;
  const withHours = may("MANAGE_HOURS") ? [...views, { view: "hours" as const, name: "Hours" }] : views;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the day
      </a>
      <header class="top">
        <a class="brand" href={HOME} title="clinic: all pages">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" />
            <path d="M13 7h6v6h6v6h-6v6h-6v-6H7v-6h6z" />
          </svg>
          <span>Front desk</span>
        </a>
        <nav aria-label="Views">
          {withHours.map(({ view, name }) => (
            <a
              key={view}
              href={linkTo({ view, visit: "", patient: "" })}
              data-link
              aria-current={route.view === view ? "page" : undefined}
            >
              {name}
            </a>
          ))}
        </nav>
        <LiveStatus />
        <span class="who">
          {viewer.kind === "PERSON" ? (
            <a href={signInPage()} title={`Signed in as ${viewer.name}, ${viewer.role.toLowerCase()}`}>
              {viewer.name}
            </a>
          ) : null}
        </span>
        <button
          type="button"
          class="icon"
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts (?)"
          onClick={onHelp}
        >
          ?
        </button>
        {may("BOOK") && (
          <button type="button" class="primary" onClick={onBook} title="Book a visit (b)">
            Book <span class="wide-only">a visit</span>
          </button>
        )}
      </header>
      <main id="main">{children}</main>
    </>
  );
}
