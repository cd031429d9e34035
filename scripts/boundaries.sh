#!/usr/bin/env bash
# Holds the lines between the crates and modules (ARCHITECTURE.md): who may depend on whom, and who may name what.
set -euo pipefail
cd "$(dirname "$0")/.."
broken=0
say() { printf 'boundary: %s\n' "$1" >&2; broken=1; }

# "member dependency" for every direct dependency of every package of the workspace, whatever its kind or platform.
edges=$(cargo tree --locked --workspace --all-features --target all --edges normal,build,dev --depth 1 --no-dedupe \
  --prefix depth --format ' {p}' | awk '$1 == "0" { member = $2 } $1 == "1" { print member, $2 }' | sort -u)
[ -n "$edges" ] || { echo "boundary: cargo tree lists nothing" >&2; exit 1; }

# only CRATES MEMBERS: the members that may depend on any of these crates directly.
only() {
  local crate member
  for crate in $1; do
    for member in $(awk -v crate="$crate" '$2 == crate { print $1 }' <<<"$edges"); do
      [[ " $2 " == *" $member "* ]] || say "$member depends on $crate; only $2 may"
    done
  done
}
only "krilla lopdf en16931 en16931-formats" "kontor-pdf"
only "lettre" "kontor"
only "tauri tauri-build rfd wry keyring notify-rust opener dark-light" "kontor-desktop"

# Imports point one way: the members of the workspace that each member may depend on.
may() { case $1 in
  kontor-pdf | kontor-migrations) ;;
  kontor) echo "kontor-pdf kontor-migrations" ;;
  kontor-api) echo "kontor" ;;
  kontor-cli) echo "kontor kontor-api kontor-migrations kontor-pdf" ;;
  kontor-desktop) echo "kontor kontor-api" ;;
  kontor-tests) echo "kontor kontor-api kontor-cli kontor-migrations kontor-pdf" ;;
  *) say "the package $1 is not on the map in scripts/boundaries.sh" ;;
esac; }
while read -r member dependency; do
  [[ $dependency == kontor || $dependency == kontor-* ]] || continue
  [[ " $(may "$member") " == *" $dependency "* ]] || say "$member depends on $dependency; imports point the other way"
done <<<"$edges"

# No screen below the window, not even through somebody else's crate.
for member in kontor kontor-api kontor-pdf kontor-migrations kontor-cli; do
  reached=$(cargo tree --locked --package "$member" --target all --edges normal,build --prefix none --format '{p}' |
    awk '{ print $1 }' | grep -xE 'tauri|rfd|wry|gtk|webkit2gtk' | sort -u | tr '\n' ' ' || true)
  [ -z "$reached" ] || say "$member reaches $reached"
done

# named PATTERN FOLDER WHAT [EXCEPT]: code below src-tauri that names this outside the one folder.
named() {
  local found
  found=$(grep -rnE --include='*.rs' "$1" src-tauri | grep -vE '^[^:]+:[0-9]+: *//' | grep -v "^$2" || true)
  [ -z "$found" ] || say "$3 is named outside $2:"$'\n'"$found"
}
named '\blettre\b' src-tauri/crates/kontor/src/delivery/ lettre
named '\b(DbBackend|DatabaseBackend)\b|\bsqlx::(postgres|sqlite)\b' src-tauri/crates/kontor/src/store/ 'which database it is'
# The screens ask the office through one door.
found=$(grep -rnE "['\"]@tauri-apps/" ui/src | grep -v '^ui/src/backend/' || true)
[ -z "$found" ] || say "@tauri-apps is named outside ui/src/backend/:"$'\n'"$found"

exit "$broken"
