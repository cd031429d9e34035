#!/usr/bin/env bash
# January 2013, rerun: makes the demo where it is missing, reads the mail server's log, shows what a rerun would do, and
# does it.
set -euo pipefail
cd "$(dirname "$0")/.."
kontor=${CARGO_TARGET_DIR:-target}/debug/kontor
database=sqlite:demo/kontor.db
outbox=demo/outbox

step() {
  printf '\n$ kontor'
  for word; do case $word in *' '*) printf ' "%s"' "$word" ;; *) printf ' %s' "$word" ;; esac; done
  echo
}
call() { step "$@"; "$kontor" "$@"; }

[ "${FRESH:-}" != 1 ] || rm -rf demo
if [ ! -e demo/kontor.db ]; then
  # Made aside and moved when complete: an interrupted demo is never taken for a whole one.
  rm -rf demo/unfinished
  mkdir -p demo/unfinished
  files() { echo --truth "$1/truth.json" --maillog "$1/maillog" --bounces "$1/bounces" --signup-export "$1/signup.csv"; }
  # shellcheck disable=SC2046 # the words of one line
  step --db "$database" demo create $(files demo)
  # shellcheck disable=SC2046
  "$kontor" --db sqlite:demo/unfinished/kontor.db demo create $(files demo/unfinished)
  mv demo/unfinished/* demo/
  rmdir demo/unfinished
fi
rerun_before=no
[ -z "$(ls "$outbox" 2>/dev/null)" ] || rerun_before=yes

call --db "$database" deliveries evidence --maillog demo/maillog
call --db "$database" runs plan --all
code=0
call --db "$database" --smtp "file:$outbox" runs start --all --reason "Hauptspeicher getauscht" || code=$?
# 3 says: done, but some items failed again. Some do, and that is what the list is for.
[ "$code" = 0 ] || [ "$code" = 3 ] || exit "$code"

echo
if [ "$rerun_before" = yes ]; then
  echo "This demo was rerun before, so there was nothing left to do. \`make run FRESH=1\` starts over."
fi
echo "$(find "$outbox" -name '*.eml' 2>/dev/null | wc -l) mails are in $outbox: open one in a mail program, the PDF is attached."
echo "What the run did, and what failed again:  $kontor --db $database runs list"
echo "Each invoice, and who did what and why:   $kontor --db $database invoices list   and   journal list"
