# Makes a PostgreSQL server in a temporary folder, and removes both as soon as standard input ends, which the kernel
# sees to however the test process ends. $1: parent folder, $2: folder of the server's programs, $3: port.
trap '' HUP INT TERM PIPE
for old in "$1"/kontor-tests-pg.*; do
  [ -f "$old/guardian" ] || continue
  kill -0 "$(cat "$old/guardian")" 2>/dev/null || rm -rf "$old" 2>/dev/null
done
dir=$(mktemp -d "$1/kontor-tests-pg.XXXXXX" 2>&1) || { echo "failed: $dir"; exit 1; }
trap 'rm -rf "$dir"' EXIT
echo $$ >"$dir/guardian"
fail() { echo "failed: $(tail -n 3 "$dir/log" | tr '\n' ' ')"; exit 1; }
"$2/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 </dev/null || fail
# One login asks for a password, so that tests can give a wrong one.
printf '%s\n' 'host all kontor_with_password 127.0.0.1/32 scram-sha-256' "$(cat "$dir/data/pg_hba.conf")" >"$dir/data/pg_hba.new"
mv "$dir/data/pg_hba.new" "$dir/data/pg_hba.conf"
"$2/postgres" -D "$dir/data" -c port="$3" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
  -c max_connections=200 >>"$dir/log" 2>&1 </dev/null &
server=$!
tries=0
until "$2/pg_isready" -q -h 127.0.0.1 -p "$3"; do
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] && kill -0 "$server" 2>/dev/null || fail
  sleep 0.05
done
# Another server may have taken the port first; then this one is about to end.
kill -0 "$server" 2>/dev/null && grep -q "^$server$" "$dir/data/postmaster.pid" || fail
echo "ready $dir"
cat >/dev/null
# A test may have stopped the server and started another one in its place.
now=$(head -n 1 "$dir/data/postmaster.pid" 2>/dev/null)
kill -QUIT "${now:-$server}" 2>/dev/null
wait "$server"
while [ -n "$now" ] && kill -0 "$now" 2>/dev/null; do sleep 0.05; done
