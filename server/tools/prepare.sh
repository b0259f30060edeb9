#!/usr/bin/env bash
# Writes server/.sqlx anew: every query is checked against a real PostgreSQL with our migrations.
#
# Invariant: server/.sqlx is replaced whole, and only when all queries hold.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$tools_dir/temp-postgres.sh"
steps_total=3

"$tools_dir/setup.sh" postgres
step "a PostgreSQL with the migrations"
temp_postgres_start
for migration in migrations/*.sql; do
  note "$migration"
  temp_postgres_psql --single-transaction --file="$migration" >/dev/null
done

step "checking the queries"
fresh=$root_dir/target/sqlx
rm -rf "$fresh"
mkdir -p "$fresh"
# The macros write a file for each query that they expand; a file that is not compiled anew writes nothing.
find server/src server/tests -name '*.rs' -exec touch {} +
SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$fresh DATABASE_URL=$temp_postgres_url \
  cargo check --locked --package server --all-targets

step "server/.sqlx"
compgen -G "$fresh/query-*.json" >/dev/null || die "no query was found; is there one in server/src/store?"
rm -rf server/.sqlx
mkdir server/.sqlx
cp "$fresh"/query-*.json server/.sqlx/
# So that the next build reads the files and not what it remembers of the database.
find server/src server/tests -name '*.rs' -exec touch {} +
note "$(find server/.sqlx -name '*.json' | wc -l) queries; commit the directory"
