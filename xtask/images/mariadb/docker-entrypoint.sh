#!/bin/bash
# Makes a database in an empty /var/lib/mysql as the variables say, runs what is in /docker-entrypoint-initdb.d, then becomes the command as the user mysql.
set -euo pipefail
folder=/var/lib/mysql
socket=/var/run/mysqld/mysqld.sock

# A variable is MARIADB_name, MYSQL_name, or the content of a file that one of them with _FILE names.
from_file() {
  local name=MARIADB_$1 old=MYSQL_$1
  [ -n "${!name:-}" ] || export "$name=${!old:-}"
  [ -n "${!name}" ] || { local file=MARIADB_${1}_FILE old_file=MYSQL_${1}_FILE; file=${!file:-${!old_file:-}}; [ -z "$file" ] || export "$name=$(< "$file")"; }
}

# A text of SQL.
text() { local text=${1//\\/\\\\}; printf "'%s'" "${text//\'/\\\'}"; }
# A name of SQL.
name() { printf '`%s`' "${1//\`/\`\`}"; }

query() { MYSQL_PWD=$password mariadb --protocol=socket --socket="$socket" --user=root --comments "$@"; }

init() {
  for variable in ROOT_PASSWORD ROOT_HOST DATABASE USER PASSWORD ALLOW_EMPTY_ROOT_PASSWORD RANDOM_ROOT_PASSWORD INITDB_SKIP_TZINFO; do from_file "$variable"; done
  if [ -z "$MARIADB_ROOT_PASSWORD${MARIADB_ALLOW_EMPTY_ROOT_PASSWORD:-}${MARIADB_RANDOM_ROOT_PASSWORD:-}" ]; then
    echo '[ERROR] Database is uninitialized and password option is not specified: set MARIADB_ROOT_PASSWORD, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD or MARIADB_RANDOM_ROOT_PASSWORD.' >&2; exit 1
  fi
  if [ -n "${MARIADB_RANDOM_ROOT_PASSWORD:-}" ]; then
    MARIADB_ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64); echo "[Note] GENERATED ROOT PASSWORD: $MARIADB_ROOT_PASSWORD"
  fi
  mariadb-install-db --datadir="$folder" --rpm --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve > /dev/null
  "$@" --skip-networking --socket="$socket" &
  for _ in {1..300}; do mariadb-admin --protocol=socket --socket="$socket" --user=root --silent ping && break; sleep 0.1; done
  password=
  {
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $(text "$MARIADB_ROOT_PASSWORD");"
    if [ "${MARIADB_ROOT_HOST:=%}" != localhost ]; then
      echo "CREATE USER 'root'@$(text "$MARIADB_ROOT_HOST") IDENTIFIED BY $(text "$MARIADB_ROOT_PASSWORD"); GRANT ALL ON *.* TO 'root'@$(text "$MARIADB_ROOT_HOST") WITH GRANT OPTION;"
    fi
    [ -z "$MARIADB_DATABASE" ] || echo "CREATE DATABASE IF NOT EXISTS $(name "$MARIADB_DATABASE");"
    if [ -n "$MARIADB_USER" ] && [ -n "$MARIADB_PASSWORD" ]; then
      echo "CREATE USER $(text "$MARIADB_USER")@'%' IDENTIFIED BY $(text "$MARIADB_PASSWORD");"
      [ -z "$MARIADB_DATABASE" ] || echo "GRANT ALL ON $(name "${MARIADB_DATABASE//_/\\_}").* TO $(text "$MARIADB_USER")@'%';"
    fi
  } | query
  password=$MARIADB_ROOT_PASSWORD
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) query ${MARIADB_DATABASE:+--database="$MARIADB_DATABASE"} < "$file" ;;
      *.sql.gz) gunzip -c "$file" | query ${MARIADB_DATABASE:+--database="$MARIADB_DATABASE"} ;;
    esac
  done
  MYSQL_PWD=$password mariadb-admin --protocol=socket --socket="$socket" --user=root shutdown
  wait
  echo '[Note] MariaDB init process done. Ready for start up.'
}

[ "${1#-}" = "$1" ] || set -- mariadbd "$@"
if [ "$1" = mariadbd ] || [ "$1" = mysqld ]; then
  if [ "$(id -u)" = 0 ]; then
    find "$folder" /var/run/mysqld \! -user mysql -exec chown mysql {} +
    exec gosu mysql "$BASH_SOURCE" "$@"
  fi
  [ -d "$folder/mysql" ] || init "$@"
fi
exec "$@"
