#!/usr/bin/env bash
# Opens the window on January 2013; makes the demo where it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
programs=${CARGO_TARGET_DIR:-target}/debug

[ "${FRESH:-}" != 1 ] || rm -rf demo
if [ ! -e demo/kontor.db ]; then
  # Made aside and moved when complete: an interrupted demo is never taken for a whole one.
  rm -rf demo/unfinished
  mkdir -p demo/unfinished
  "$programs/kontor" --db sqlite:demo/unfinished/kontor.db demo create --truth demo/unfinished/truth.json \
    --maillog demo/unfinished/maillog --bounces demo/unfinished/bounces --signup-export demo/unfinished/signup.csv
  mv demo/unfinished/* demo/
  rmdir demo/unfinished
fi
# It says itself what is missing where there is no screen.
exec "$programs/kontor-desktop" demo/kontor.db
