// The view that the address names.

import type { BookingStart } from "../dialogs/booking/BookingDialog";
import type { Route } from "../route";
import { DateBar } from "./DateBar";
import { DayView } from "./day/DayView";
import { Filters } from "./Filters";

interface Props {
  route: Route;
  onBook: (providerId: string, startsAt: number) => void;
  onBooking: (start: BookingStart) => void;
}

export function Views({ route, onBook }: Props) {
  return (
    <DayView route={route} onBook={onBook}>
      {(day, today, summary) => (
        <>
          <DateBar route={route} day={day} today={today} summary={summary} />
          <Filters route={route} at={Date.parse(`${day}T12:00:00Z`)} />
        </>
      )}
    </DayView>
  );
}
