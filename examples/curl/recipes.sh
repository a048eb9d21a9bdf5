#!/usr/bin/env bash
# What Gatepost can be asked with nothing but curl: URL=http://127.0.0.1:9528 ADMIN=gpa_… examples/curl/recipes.sh
# It makes a box, delivers a report, does the usual things with it, and removes both again. Copy what you need.
set -euo pipefail

: "${URL:=http://127.0.0.1:9528}" "${ADMIN:?an admin key, as gpa_…}"
# Of the key nothing is seen in the list of processes.
api() { curl -sS --fail-with-body -H @<(printf 'Authorization: Bearer %s\n' "$ADMIN") "$@"; }
# The text of a member of a JSON object: the first one of that name.
member() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
step() { printf '\n# %s\n' "$1"; }

step "a key for a box"
made=$(api -d '{"scope":"ingest","box":"curl-recipes"}' "$URL/v1/keys")
key=$(member id <<<"$made")
token=$(member token <<<"$made")
echo "$key"

step "deliver a report, as a box does; it is repeated until it is answered so"
picture=/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AR//Z
now=$(date +%s)000
curl -sS --fail-with-body -H 'Content-Type: application/json' "$URL/$token/HistoryEvent" -d '{"identity_id":"curl-1",
  "identity_name":"Ada","timestamp":'"$now"',"want_action":"1002","ext_data":{"ep_id":"A__10.0.0.2","spot_pic":"'$picture'"}}'

step "who passed there, the newest first"
events=$(api "$URL/v1/events?box=curl-recipes&limit=5")
event=$(grep -o '"id":"evt_[^"]*"' <<<"$events" | head -n 1 | cut -d '"' -f 4)
echo "$event"

step "its picture"
api "$URL/v1/events/$event/pictures/scene" | wc -c

step "everything that changed, from the beginning; keep \`next\` and ask again with &after="
api "$URL/v1/events?order=received&limit=1" | member next | cut -c 1-12

step "what the box asked for, and that it was done"
action=$(api "$URL/v1/actions?box=curl-recipes" | grep -o '"id":"act_[^"]*"' | head -n 1 | cut -d '"' -f 4)
api -d '{"state":"done","note":"by hand"}' "$URL/v1/actions/$action" | member state

step "which boxes report, and what needs a hand"
api "$URL/v1/boxes?limit=5" | member state
api "$URL/v1/counts" | grep -o '"problems":{[^}]*}'

step "passings by day"
api "$URL/v1/stats?by=day&box=curl-recipes" | grep -o '"count":[0-9]*' | head -n 1

step "all of it as a file"
job=$(api -d '{"kind":"export","format":"csv","filter":{"box":"curl-recipes"}}' "$URL/v1/jobs" | member id)
until api "$URL/v1/jobs/$job" | grep -q '"state":"done"'; do sleep 0.2; done
api "$URL$(api "$URL/v1/jobs/$job" | member url)" | head -n 1 | cut -c 1-40

step "erase it for good, and revoke the key"
api -X DELETE "$URL/v1/events/$event"
api -X DELETE "$URL/v1/keys/$key"
api "$URL/v1/events?box=curl-recipes" | grep -o '"events":\[\]'
