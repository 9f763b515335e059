#!/bin/bash
# Makes a database in an empty PGDATA as POSTGRES_* say, runs what is in /docker-entrypoint-initdb.d, then becomes the command as the user postgres.
set -euo pipefail

# A variable may also be the content of a file that NAME_FILE names.
from_file() {
  local name=$1 file=${1}_FILE
  if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then echo "$name and $file are both set" >&2; exit 1; fi
  if [ -n "${!file:-}" ]; then export "$name=$(< "${!file}")"; unset "$file"; else export "$name=${!name:-${2:-}}"; fi
}

query() { PGHOST= PGHOSTADDR= psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"; }

init() {
  from_file POSTGRES_PASSWORD; from_file POSTGRES_USER postgres; from_file POSTGRES_DB "$POSTGRES_USER"; from_file POSTGRES_INITDB_ARGS
  local method=${POSTGRES_HOST_AUTH_METHOD:-}
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$method" != trust ]; then
    echo "Error: Database is uninitialized and superuser password is not specified: set POSTGRES_PASSWORD." >&2; exit 1
  fi
  eval "initdb --username=\"\$POSTGRES_USER\" --pwfile=<(printf '%s\n' \"\$POSTGRES_PASSWORD\") $POSTGRES_INITDB_ARGS ${POSTGRES_INITDB_WALDIR:+--waldir \"\$POSTGRES_INITDB_WALDIR\"}"
  printf '\nhost all all all %s\n' "${method:-$(postgres -C password_encryption)}" >> "$PGDATA/pg_hba.conf"
  [ "${1:-postgres}" = postgres ] && shift
  PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p ${PGPORT:-5432} ${*@Q}" -w start
  export PGPASSWORD=$POSTGRES_PASSWORD
  if [ "$POSTGRES_DB" != postgres ]; then
    POSTGRES_DB=postgres query --set db="$POSTGRES_DB" <<< 'CREATE DATABASE :"db";'
  fi
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) query -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | query ;;
    esac
  done
  unset PGPASSWORD
  PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -m fast -w stop
  echo 'PostgreSQL init process complete; ready for start up.'
}

[ "${1#-}" = "$1" ] || set -- postgres "$@"
if [ "$1" = postgres ]; then
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"; chmod 0700 "$PGDATA"; find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres {} +
    exec gosu postgres "$BASH_SOURCE" "$@"
  fi
  mkdir -p "$PGDATA"
  if [ -s "$PGDATA/PG_VERSION" ]; then
    echo 'PostgreSQL Database directory appears to contain a database; Skipping initialization'
  else
    init "$@"
  fi
fi
exec "$@"
