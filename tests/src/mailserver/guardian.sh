# Runs a private Postfix from a prepared folder, and stops it and removes the folder as soon as standard input ends,
# which the kernel sees to however the test process ends. Runs as root. $1: the folder, $2: folder of Postfix's
# daemons, $3: where its libraries are, $4: the user who owns the queue, $5: the group of the drop folder, $6: the
# user and group who own delivered mail.
trap '' HUP INT TERM PIPE
umask 022
dir=$1
trap 'rm -rf "$dir" || { sleep 1; rm -rf "$dir"; }' EXIT
# Before its own logging is up, Postfix ends without a word; a port that is taken is the usual reason.
fail() {
  words=$(cat "$dir/mail.log" "$dir/output" 2>/dev/null | tail -n 3 | tr '\n' ' ')
  echo "failed: ${words:-its master ended without a word}"
  exit 1
}
# Postfix would let only root read its log.
: >"$dir/mail.log" && chmod 755 "$dir" && mkdir "$dir/queue" "$dir/data" "$dir/mail" && cd "$dir/queue" || fail
own="active bounce corrupt defer deferred flush hold incoming private saved trace"
mkdir -m 700 $own && mkdir pid && mkdir -m 730 maildrop && mkdir -m 710 public || fail
chown "$4" $own "$dir/data" && chown "$4:$5" maildrop public && chown "$6" "$dir/mail" || fail
LD_LIBRARY_PATH=$3 "$2/master" -c "$dir/conf" >"$dir/output" 2>&1 </dev/null &
master=$!
tries=0
until grep -q 'daemon started' "$dir/mail.log" 2>/dev/null; do
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] && kill -0 "$master" 2>/dev/null || fail
  sleep 0.05
done
echo ready
cat >/dev/null
# Its processes are its group; whoever does not go when asked is made to. One that waits for the disk goes when the disk
# has answered, and one that is gone but was not asked after by its parent counts as gone.
living() {
  for stat in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null <"$stat" || continue
    set -- ${line##*) }
    [ "$3" = "$master" ] && [ "$1" != Z ] && return 0
  done
  return 1
}
kill -TERM "$master" 2>/dev/null
wait "$master"
tries=0
while kill -s KILL -- "-$master" 2>/dev/null && living && [ "$tries" -lt 1000 ]; do
  tries=$((tries + 1))
  sleep 0.02
done
