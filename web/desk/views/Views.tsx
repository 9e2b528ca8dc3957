// The view that the address names.

import { useEffect } from "preact/hooks";

import { useClinic } from "../data/clinic";
import type { BookingStart } from "../dialogs/booking/BookingDialog";
import { Note } from "../parts/Note";
import { OWN_ZONES, type Route } from "../route";
import { plainDate, sentence } from "../time/words";
import { instantOf, shown } from "../time/zone";
import { DateBar } from "./DateBar";
import { DayView } from "./day/DayView";
import { useShownDay } from "./day/useShownDay";
import { Filters } from "./Filters";
import { HoursView } from "./hours/HoursView";
import { ListView } from "./list/ListView";
import { MailView } from "./mail/MailView";
import { PatientsView } from "./patients/PatientsView";
import { usePrinting } from "./usePrinting";
import { WaitlistView } from "./waitlist/WaitlistView";
import { WebhooksView } from "./webhooks/WebhooksView";
import { WeekView } from "./week/WeekView";

interface Props {
  route: Route;
  onBook: (providerId: string, startsAt: number) => void;
  onBooking: (start: BookingStart) => void;
}

/** What the window is called. */
function useTitle({ view, day }: Route): void {
  useEffect(() => {
    const isOfDays = view === "day" || view === "week" || view === "list";
    const what = !isOfDays ? sentence(view) : day ? plainDate(day) : "Today";
    document.title = `${what} · Front desk`;
  }, [view, day]);
}

export function Views({ route, onBook, onBooking }: Props) {
  const { withPatients, may } = useClinic();
  useTitle(route);
  if (route.view === "patients" && withPatients) return <PatientsView route={route} onBooking={onBooking} />;
  if (route.view === "waitlist" && may("READ_APPOINTMENTS")) return <WaitlistView route={route} />;
  if (route.view === "mail" && may("MERGE_PATIENTS")) return <MailView route={route} />;
  if (route.view === "hours" && may("MANAGE_HOURS")) return <HoursView route={route} />;
  if (route.view === "webhooks" && may("MANAGE_ROSTER")) return <WebhooksView route={route} />;
  if (route.view === "week") return <WeekOfSomebody route={route} onBook={onBook} />;
  return <DayOrList route={route} onBook={onBook} />;
}

type DatedProps = Omit<Props, "onBooking">;

function DayOrList({ route, onBook }: DatedProps) {
  const day = useShownDay(route);
  const isPrinting = usePrinting();
  return (
    <>
      <DateBar route={route} day={day.day} today={day.today} summary={day.summary} />
      <Filters route={route} at={day.noon} />
      {(route.view === "list" || isPrinting) && <ListView route={route} shown={day} />}
      {route.view !== "list" && <DayView route={route} shown={day} onBook={onBook} />}
    </>
  );
}

function WeekOfSomebody({ route, onBook }: DatedProps) {
  const provider = useChosenProvider(route);
  const { zone: clinicZone } = useClinic();
  const zone = route.zone && route.zone !== OWN_ZONES ? route.zone : clinicZone;
  const today = shown(Date.now(), zone).day;
  const day = route.day ?? today;
  return (
    <>
      <DateBar route={route} day={day} today={today} summary={provider?.name ?? ""} />
      <Filters route={{ ...route, provider: provider?.id ?? "" }} at={instantOf(day, 720, zone)} />
      {provider ? (
        <WeekView route={route} provider={provider} day={day} today={today} onBook={onBook} />
      ) : (
        <Note title="Nobody works here yet" />
      )}
    </>
  );
}

/** The provider that the address names; else who is at the desk, else the first. */
export function useChosenProvider({ provider }: Route) {
  const { providers, viewer } = useClinic();
  const called = (id: string | undefined) => providers.find((it) => it.id === id);
  return called(provider) ?? called(viewer.provider?.id) ?? providers.find(({ active }) => active) ?? providers[0];
}
