# A PostgreSQL for the length of a script: `temp_postgres_start` sets `temp_postgres_url`. Sourced after lib.sh.
#
# Invariants: on a Unix socket only; below a directory of its own, which goes with the script, whatever ends it.

temp_postgres_dir=
temp_postgres_url=

# Runs a server program as a user who may: PostgreSQL refuses root.
temp_postgres_run() {
  if [ "$(id -u)" = 0 ]; then
    (cd "$temp_postgres_dir" && setpriv --reuid=postgres --regid=postgres --clear-groups "$@")
  else
    "$@"
  fi
}

temp_postgres_stop() {
  if [ -n "$temp_postgres_dir" ]; then
    temp_postgres_run "$temp_postgres_bin/pg_ctl" stop --silent --mode=immediate -D "$temp_postgres_dir/data" >/dev/null 2>&1 || true
    rm -rf "$temp_postgres_dir"
    temp_postgres_dir=
  fi
}

temp_postgres_start() {
  temp_postgres_bin=$(postgres_bin) || die "PostgreSQL's server programs are missing; run: make setup"
  temp_postgres_dir=$(mktemp -d /tmp/nines-postgres.XXXXXX) # short: a socket's path has at most 107 bytes
  trap temp_postgres_stop EXIT
  chmod 755 "$temp_postgres_dir"
  if [ "$(id -u)" = 0 ]; then chown postgres:postgres "$temp_postgres_dir"; fi
  local log=$temp_postgres_dir/log
  temp_postgres_run "$temp_postgres_bin/initdb" --auth=trust --username=nines --encoding=UTF8 --locale=C --no-sync \
    -D "$temp_postgres_dir/data" >/dev/null
  temp_postgres_run "$temp_postgres_bin/pg_ctl" start --silent --wait --timeout=30 -D "$temp_postgres_dir/data" -l "$log" \
    -o "-c listen_addresses='' -c unix_socket_directories='$temp_postgres_dir' -c fsync=off" \
    || { cat "$log" >&2; die "PostgreSQL did not start"; }
  temp_postgres_url="postgres://nines@localhost/postgres?host=$temp_postgres_dir"
}

# temp_postgres_psql ARGUMENT...
temp_postgres_psql() {
  "$temp_postgres_bin/psql" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --host="$temp_postgres_dir" --username=nines --dbname=postgres "$@"
}
