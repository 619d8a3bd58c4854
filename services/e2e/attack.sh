#!/usr/bin/env bash
# Attacks a fresh system on four processes and prints what comes of each attack; then
# does the same with those that the test of one part holds. Fails when one works.
# Servers are there already: see with-servers.sh.
# usage: attack.sh CARGO_DENY
set -euo pipefail
deny=${1:?usage: attack.sh CARGO_DENY}
log=$(mktemp -t demeter-attack-XXXXXX)
trap 'rm -f "$log"' EXIT
outcome=0

# number|attack|before|the test that holds it
held_by_tests=(
  "3|auth's Check with invented metadata|gave anyone an administrator's identity|check::what_a_caller_says_the_gateway_verified_does_not_count"
  "4|200 sign-ins, and the memory that stays|1,700 took the process from 122 to 1,348 MB|people::hashing::tests::many_sign_ins_leave_no_memory_behind"
  "10|a service's database role reaches for others' tables|one role for all: it read and wrote them|roles::each_service_reaches_its_own_tables_and_no_others"
  "15|a checkpoint with one long name before many short ones|1.4 MB demanded 45 GB|hostile::one_long_name_before_many_short_ones_is_refused"
  "15|a checkpoint with more classes than there are|3.8 MB took 1.5 GB|hostile::more_classes_than_any_collection_has_are_refused"
  "19|reading the administrator's password over a shoulder|stood in the ready line of every start|recovery::the_first_password_is_shown_once::on_defaults"
)

row() {
  printf '%2s  %s\n    before  %s\n    now     %s\n    %s\n' "$@"
  [ "$5" = held ] || outcome=1
}

cargo build --workspace
DEMETER_BINARY=$(services/e2e/binary.sh)
export DEMETER_BINARY
cargo test --workspace --test it attack::attacks_at_full_length -- --ignored --exact --nocapture || outcome=1

tests=("${held_by_tests[@]##*|}")
cargo test --workspace --tests --no-fail-fast -- --exact "${tests[@]}" >"$log" 2>&1 || outcome=1
for line in "${held_by_tests[@]}"; do
  IFS='|' read -r number attack before test <<<"$line"
  verdict=BROKEN
  grep -qxF "test $test ... ok" "$log" && verdict=held
  row "$number" "$attack" "$before" "the test $test" "$verdict"
done
[ "$outcome" = 0 ] || grep -A20 -E '^(error|failures:|---- )' "$log" >&2 || true

verdict=BROKEN
.ci/deny.sh "$deny" >"$log" 2>&1 && verdict=held
row 20 "crates with faults, of other licences or sources" "nobody looked" "$(grep -E '^(bans|advisories|deny:)' "$log" | paste -sd ';')" "$verdict"
exit "$outcome"
