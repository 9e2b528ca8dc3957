// A client generated from the OpenAPI document, used as its author would: only what its types allow.

import assert from "node:assert/strict";
import { test } from "node:test";

import createClient from "openapi-fetch";

import type { components, paths } from "./generated/clinic.js";

const baseUrl = process.env["CLINIC_URL"];
assert.ok(baseUrl, "CLINIC_URL names the server");
const clinic = createClient<paths>({ baseUrl });

const patient = (name: string): components["schemas"]["PatientBody"] => ({
  name,
  email: `${name.toLowerCase().replaceAll(" ", ".")}@example.com`,
  state: "CT",
  insurance: "Aetna",
});

/** The data of an answer that is one; else what went wrong, in the words of the server. */
function answered<Data>({ data, error }: { data?: Data; error?: components["schemas"]["Problem"] }): Data {
  assert.ok(data, error && `${error.code}: ${error.detail}`);
  return data;
}

test("a visit is booked, shown, moved, listed and cancelled", async () => {
  const booked = await clinic.POST("/appointment", {
    body: { patient: patient("Gina Generated") },
    params: { header: { "Idempotency-Key": `generated-${process.pid}-${Date.now()}` } },
  });
  const { appointment_id: id, provider_id, time } = answered(booked);
  assert.equal(booked.response.status, 201);
  assert.equal(booked.response.headers.get("Location"), `/appointment/${id}`);

  const shown = answered(await clinic.GET("/appointment/{id}", { params: { path: { id } } }));
  assert.deepEqual([shown.patient, shown.status, shown.time], ["Gina Generated", "CONFIRMED", time]);

  const after = new Date(Date.parse(time) + 24 * 3_600_000).toISOString();
  const free = answered(
    await clinic.GET("/appointments/first-available", { params: { query: { provider_id, after } } }),
  );
  const moved = await clinic.POST("/appointment/{id}/reschedule", {
    params: { path: { id } },
    body: { time: free.time },
  });
  assert.equal(answered(moved).time, free.time);

  const to = new Date(Date.parse(free.time) + 3_600_000).toISOString();
  const listed = await clinic.GET("/appointments", { params: { query: { provider_id, from: free.time, to } } });
  const page = answered(listed);
  // A list may be text too: it can be had as CSV.
  assert.ok(typeof page !== "string" && page.appointments.some(({ appointment_id }) => appointment_id === id));

  // Without a body, which is optional.
  const cancelled = await clinic.POST("/appointment/{id}/cancel", { params: { path: { id } } });
  assert.equal(answered(cancelled).status, "CANCELLED");
});

test("what goes wrong is a typed problem", async () => {
  const refused = await clinic.POST("/appointment", { body: { patient: { ...patient("Una"), insurance: "Etna" } } });
  assert.equal(refused.data, undefined);
  assert.deepEqual([refused.error?.code, refused.error?.status], ["UNKNOWN_INSURANCE", 422]);
  assert.ok(refused.error?.suggestions?.includes("Aetna"));

  const unknown = await clinic.GET("/appointment/{id}", { params: { path: { id: "apt_none" } } });
  assert.equal(unknown.error?.code, "NOT_FOUND");
});
