// A tour of everything here: `npm start` against a server that runs.

import { book, cancel, explain, reschedule, settled } from "./booking.js";
import { connect } from "./client.js";
import { availableSlots, findProviders, firstAvailable } from "./providers.js";
import { schedule } from "./schedule.js";

const DAY = 24 * 60 * 60 * 1000;

const run = connect({
  url: process.env["CLINIC_URL"] ?? "http://127.0.0.1:8080",
  token: process.env["API_TOKEN"],
});
const patient = {
  name: "John Doe",
  email: "john@example.com",
  state: "Connecticut",
  insurance: "Aetna",
};

console.log(`Providers for ${patient.state} and ${patient.insurance}:`);
for (const provider of await findProviders(run, patient)) {
  const next = provider.firstAvailable?.localStartsAt ?? "not free";
  console.log(`  ${provider.name}, ${provider.credentials}: ${next}`);
}

const slot = await firstAvailable(run, { ...patient, after: new Date(), durationMinutes: 30 });
if (!slot) throw new Error("Nobody is free");
console.log(`First free: ${slot.localStartsAt} with ${slot.provider.name}`);

const { appointment, error } = await book(run, {
  patient,
  providerId: slot.provider.id,
  startsAt: slot.startsAt,
  reason: "A persistent cough",
});
if (error) console.log(`Not booked: ${explain(error)}`);
if (appointment) {
  const visit = await settled(run, appointment.id);
  console.log(`Booked: ${appointment.id} is ${visit?.status}`);

  const from = new Date(slot.startsAt);
  const to = new Date(from.getTime() + DAY);
  console.log(`${slot.provider.name} from then on:`);
  for await (const { localStartsAt, status, patient } of schedule(run, slot.provider.id, from, to)) {
    console.log(`  ${localStartsAt} ${patient?.name ?? "(not for you to see)"}, ${status}`);
  }

  const [later] = await availableSlots(run, slot.provider.id, to, new Date(to.getTime() + 7 * DAY));
  if (later) {
    const moved = await reschedule(run, appointment.id, later.startsAt);
    console.log(moved.error ? explain(moved.error) : `Moved to ${later.localStartsAt}`);
  }

  const cancelled = await cancel(run, appointment.id, "Feeling better");
  console.log(cancelled.error ? explain(cancelled.error) : `Now ${cancelled.appointment?.status}`);
}
