#!/usr/bin/env bash
# Lists what tests skipped, each reason once with how often. Fails when this
# machine could have run any of it.
# usage: skipped.sh FILE        lines as libs/testkit writes them
set -euo pipefail
list() { grep "^skipped ($1)" "$file" | sort | uniq -c | sed -E "s/^ *([0-9]+) skipped \\($1\\): /  \\1 × /"; }

file=$1
if [ ! -s "$file" ]; then
  echo "nothing was skipped"
  exit 0
fi
if grep -q "^skipped (not here)" "$file"; then
  echo "skipped, for want of what this machine does not have:"
  list "not here"
fi
if grep -q "^skipped (not prepared)" "$file"; then
  echo "skipped, though this machine could run it:"
  list "not prepared"
  exit 1
fi
