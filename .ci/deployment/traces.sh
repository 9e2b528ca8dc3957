# Traces at a real receiver: the agent of Rotel takes them by OTLP, and prints what it was sent. Sourced by .ci/deploy.

say "-- traces, at $("$tools/bin/python" -c 'import importlib.metadata as m; print("rotel", m.version("rotel"))')"
mkdir -p "$scratch/traced"
receiver=$("$tools/bin/python" -c 'import pathlib, rotel; print(pathlib.Path(rotel.__file__).with_name("rotel-agent"))')
read -r otlp grpc scheduler door < <("$tools/bin/python" -c '
import socket
held = [socket.socket() for _ in range(4)]
for one in held: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))')
env -i PATH="$PATH" "$receiver" start --otlp-http-endpoint "127.0.0.1:$otlp" --otlp-grpc-endpoint "127.0.0.1:$grpc" \
    --exporter blackhole --debug-log traces --debug-log-verbosity detailed >"$scratch/traced/spans" 2>&1 &
processes+=($!)
traced=(env -i "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:$otlp")
"${traced[@]}" "$binary" mock-scheduler --port "$scheduler" >"$scratch/traced-scheduler.log" 2>&1 &
processes+=($!)
(cd "$scratch/traced" && exec "${traced[@]}" PORT="$door" SCHEDULER_URL="http://127.0.0.1:$scheduler" "$binary" serve) \
    >"$scratch/traced-server.log" 2>&1 &
processes+=($!)
until_so 300 curl --fail --silent "http://127.0.0.1:$door/readyz" || die "the server that is traced is not ready"
booked=$(curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:$door/appointment" \
    --header 'content-type: application/json' --header 'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' \
    --data '{"patient":{"name":"Xanthippe Kanarienvogel","email":"canary@example.com","state":"CA","insurance":"Aetna"}}')
[[ $booked == 201 ]] || die "a booking that is traced was answered $booked"
until_so 100 python3 .ci/deployment/traces.py "$scratch/traced/spans" ||
    { python3 .ci/deployment/traces.py "$scratch/traced/spans" || true; die "the booking is no trace from its caller to the scheduling service"; }
python3 .ci/deployment/traces.py "$scratch/traced/spans"
if grep -qi 'kanarienvogel\|canary' "$scratch/traced/spans"; then die "a trace names the patient"; fi
end_all
