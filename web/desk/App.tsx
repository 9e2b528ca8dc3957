// The page: what hardly changes, what is live, and the view that the address names.

import { useCallback, useEffect, useState } from "preact/hooks";

import { ClinicContext } from "./data/clinic";
import { isSignedOut } from "./data/fetching";
import { useStore } from "./data/store";
import { useClinicData } from "./data/useClinicData";
import { useLive } from "./data/useLive";
import { BookingDialog, type BookingStart } from "./dialogs/booking/BookingDialog";
import { Shortcuts } from "./dialogs/Shortcuts";
import { VisitPanel } from "./dialogs/visit/VisitPanel";
import { followLinks } from "./links";
import { Note } from "./parts/Note";
import { Toasts } from "./parts/Toasts";
import { close, useRoute } from "./route";
import { useShortcuts } from "./shortcuts";
import { Shell } from "./views/Shell";
import { SignedOut } from "./views/SignedOut";
import { Views } from "./views/Views";

export function App() {
  const route = useRoute();
  const { clinic, error, again } = useClinicData();
  const isOut = useStore(isSignedOut);
  const [booking, setBooking] = useState<BookingStart | null>(null);
  const [isHelp, setHelp] = useState(false);
  useLive(clinic?.withPatients ?? null);
  useEffect(followLinks, []);

  const book = useCallback((providerId: string, startsAt: number) => setBooking({ providerId, startsAt }), []);
  const bookAnything = () => setBooking({});
  const help = () => setHelp(true);
  useShortcuts({ book: () => clinic?.may("BOOK") && bookAnything(), help });

  if (isOut) return <SignedOut isOver={clinic !== null} />;
  if (!clinic) {
    return (
      <main class="alone">
        {error ? (
          <Note title="The clinic could not be reached" isWrong>
            <p>{error}</p>
            <button type="button" onClick={again}>
              Try again
            </button>
          </Note>
        ) : (
          <p aria-busy="true">Opening the front desk …</p>
        )}
      </main>
    );
  }
  return (
    <ClinicContext.Provider value={clinic}>
      <Shell route={route} onBook={bookAnything} onHelp={help}>
        <Views route={route} onBook={book} onBooking={setBooking} />
      </Shell>
      {route.visit && (
        <VisitPanel key={route.visit} id={route.visit} onClose={() => close("visit")} onBooking={setBooking} />
      )}
      {booking && <BookingDialog start={booking} onClose={() => setBooking(null)} />}
      {isHelp && <Shortcuts onClose={() => setHelp(false)} />}
      <Toasts />
    </ClinicContext.Provider>
  );
}
