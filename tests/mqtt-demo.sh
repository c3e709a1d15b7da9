#!/usr/bin/env bash
# MQTT from end to end: mosquitto, the gateway and a virtual device. Prints the device's telemetry as it comes out at the
# broker, switches its led by a message, shows the result; then the same with the broker stopped in the middle. Exit code
# 0 only if every row of the outage came out afterwards. Needs Debian's mosquitto, mosquitto-clients and curl.
#
#   tests/mqtt-demo.sh [SECONDS_OF_THE_OUTAGE, 60 without it]
#
# IOTGW_DLL names a gateway that is built already.
set -euo pipefail
outage=${1:-60}
cd "$(dirname "$0")/.."
export PATH="$PATH:/usr/sbin"
work=$(mktemp -d "${TMPDIR:-/tmp}/iotgw-mqtt-demo-XXXXXX")
export TMPDIR="$work"
key="key-of-the-demo-$RANDOM$RANDOM"
broker= gateway= device=

stop() {
    [ -n "$1" ] || return 0
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
cleanup() {
    stop "$device"; stop "$gateway"; stop "$broker"
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

say() { printf '\n== %s\n' "$*"; }
fail() { echo "mqtt-demo: $*" >&2; tail -n 20 "$work"/*.log >&2; exit 1; }
until_true() { # seconds, what for, condition
    local end=$((SECONDS + $1)) what=$2; shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || fail "waited in vain for $what"
        sleep 0.2
    done
}

start_broker() {
    mosquitto -c "$work/mosquitto.conf" >>"$work/mosquitto.log" 2>&1 &
    broker=$!
    until_true 10 "mosquitto" broker_answers
}
broker_answers() { kill -0 "$broker" && mosquitto_pub -p "$port" -t demo/ready -m 1; }
sub() { mosquitto_sub -p "$port" -q 1 "$@"; }
# Persistent sessions: nothing is missed between two looks.
keep() { sub -c -i "$1" -t "$2" -E; }
command_by_topic() { # what the led shall be
    mosquitto_pub -p "$port" -q 1 -t iotgw/porch/commands/led -m "{\"on\":$1}"
    echo "\$ mosquitto_pub -q 1 -t iotgw/porch/commands/led -m '{\"on\":$1}'"
    : >"$work/result"
    until_true 30 "the result of led" led_result
    cat "$work/result"
}
led_result() {
    sub -c -i demo-results -t 'iotgw/porch/results/+' -W 1 -v >>"$work/result" || true
    grep -q '"status":"succeeded"' "$work/result"
}
rows_in_history() { # of the temperature since a time, their times
    curl -fsS -H "Authorization: Bearer $key" -H "Accept: text/csv" \
        "$api/api/devices/porch/readings?measurement=climate&field=temperature&from=$1&to=$2" |
        tail -n +2 | cut -d, -f1 | sort -u
}
all_came_out() {
    sub -c -i demo-rows -t iotgw/porch/telemetry/climate -W 1 >>"$work/rows" || true
    sed -n 's/^{"time":\([0-9]*\).*"temperature".*/\1/p' "$work/rows" | sort -u >"$work/published"
    [ -z "$(comm -23 "$work/stored" "$work/published")" ]
}
# Rows come in their order: with one from after it there are all.
outage_is_stored() { [ -n "$(rows_in_history "$to" "$(ms)")" ]; }
ms() { date +%s%3N; }

for program in mosquitto mosquitto_sub mosquitto_pub curl; do
    command -v "$program" >/dev/null || { echo "mqtt-demo: $program is missing: apt-get install mosquitto mosquitto-clients curl" >&2; exit 1; }
done
if [ -z "${IOTGW_DLL:-}" ]; then
    dotnet build gateway/IoTGateway -v q --nologo
    IOTGW_DLL=$(find "$PWD/gateway/IoTGateway/bin/Debug" -name iotgw.dll | head -n 1)
fi

say "mosquitto, the gateway, a virtual device"
for attempt in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 10000))
    cat >"$work/mosquitto.conf" <<CONF
listener $port 127.0.0.1
user $(id -un)
allow_anonymous true
persistence true
persistence_location $work/
max_queued_messages 0
CONF
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue; fi
    start_broker
    break
done
[ -n "$broker" ] || fail "no free port"
dotnet "$IOTGW_DLL" serve --Data:Path="$work/data" --Listen:Https=0 --Listen:Http=-1 --Security:AdminKey="$key" \
    --Mqtt:Url="mqtt://127.0.0.1:$port" >"$work/gateway.log" 2>&1 &
gateway=$!
until_true 60 "the gateway" test -f "$work/data/gateway.json"
api=$(grep -o 'http://[^"]*' "$work/data/gateway.json" | head -n 1)
api=${api%/}
until_true 30 "the gateway" curl -fsS "$api/readyz"
dotnet "$IOTGW_DLL" device add porch --gateway "$api" --key "$key" >"$work/token"
dotnet "$IOTGW_DLL" simulate --token-file "$work/token" --devices 1 --rate 30 --gateway "$api" --key "$key" >"$work/device.log" 2>&1 &
device=$!

say "its telemetry"
sub -t 'iotgw/porch/telemetry/#' -C 3 -W 60 -v || fail "no telemetry came"
sub -t iotgw/porch/status -C 1 -W 10 -v || fail "no status came"

say "its led"
keep demo-results 'iotgw/porch/results/+'
keep demo-rows iotgw/porch/telemetry/climate
command_by_topic true

say "the broker is stopped for $outage s"
from=$(ms)
stop "$broker"; broker=
sleep "$outage"
to=$(ms)
start_broker
say "the broker is back"
until_true 30 "the rows of the outage in the history" outage_is_stored
rows_in_history "$from" "$to" >"$work/stored"
[ -s "$work/stored" ] || fail "the history has no row of the outage"
until_true 60 "the rows of the outage" all_came_out
tail -n 2 "$work/rows"
echo "$(wc -l <"$work/stored") rows of the outage came out at the broker, 0 missing"
command_by_topic false

say "all well"
