// What is around every view: where to go, whether the page is live, and who is at the desk.

import type { ComponentChildren } from "preact";

import { HOME, signInPage } from "../data/address";
import { type Clinic, useClinic } from "../data/clinic";
import { LiveStatus } from "../parts/LiveStatus";
import { linkTo, NOTHING_OPEN, type Route, type View } from "../route";

interface Props {
  route: Route;
  onBook: () => void;
  onHelp: () => void;
  children: ComponentChildren;
}

const VIEWS: { view: View; name: string; isFor: (clinic: Clinic) => boolean }[] = [
  { view: "day", name: "Day", isFor: () => true },
  { view: "week", name: "Week", isFor: () => true },
  { view: "list", name: "List", isFor: () => true },
  { view: "waitlist", name: "Waitlist", isFor: ({ may }) => may("READ_APPOINTMENTS") },
  { view: "patients", name: "Patients", isFor: ({ withPatients }) => withPatients },
  { view: "mail", name: "Mail", isFor: ({ may }) => may("MERGE_PATIENTS") },
  { view: "hours", name: "Hours", isFor: ({ may }) => may("MANAGE_HOURS") },
  { view: "webhooks", name: "Webhooks", isFor: ({ may }) => may("MANAGE_ROSTER") },
];

export function Shell({ route, onBook, onHelp, children }: Props) {
  const clinic = useClinic();
  const { viewer, may } = clinic;
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
          {VIEWS.filter(({ isFor }) => isFor(clinic)).map(({ view, name }) => (
            <a
              key={view}
              href={linkTo({ view, ...NOTHING_OPEN })}
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
