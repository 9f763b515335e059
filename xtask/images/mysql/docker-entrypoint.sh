#!/bin/bash
# Makes a database in an empty /var/lib/mysql as the variables say, runs what is in /docker-entrypoint-initdb.d, then becomes the command as the user mysql.
set -euo pipefail
folder=/var/lib/mysql
socket=/var/run/mysqld/mysqld.sock

# A variable may also be the content of a file that NAME_FILE names.
from_file() {
  local name=$1 file=${1}_FILE
  if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then echo "$name and $file are both set" >&2; exit 1; fi
  if [ -n "${!file:-}" ]; then export "$name=$(< "${!file}")"; unset "$file"; else export "$name=${!name:-}"; fi
}

# A text of SQL.
text() { local text=${1//\\/\\\\}; printf "'%s'" "${text//\'/\\\'}"; }
# A name of SQL.
name() { printf '`%s`' "${1//\`/\`\`}"; }

query() { MYSQL_PWD=$password mysql --protocol=socket --socket="$socket" --user=root --comments "$@"; }

init() {
  for variable in MYSQL_ROOT_PASSWORD MYSQL_ROOT_HOST MYSQL_DATABASE MYSQL_USER MYSQL_PASSWORD; do from_file "$variable"; done
  if [ -z "$MYSQL_ROOT_PASSWORD${MYSQL_ALLOW_EMPTY_PASSWORD:-}${MYSQL_RANDOM_ROOT_PASSWORD:-}" ]; then
    echo '[ERROR] Database is uninitialized and password option is not specified: set MYSQL_ROOT_PASSWORD, MYSQL_ALLOW_EMPTY_PASSWORD or MYSQL_RANDOM_ROOT_PASSWORD.' >&2; exit 1
  fi
  if [ -n "${MYSQL_RANDOM_ROOT_PASSWORD:-}" ]; then
    MYSQL_ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64); echo "[Note] GENERATED ROOT PASSWORD: $MYSQL_ROOT_PASSWORD"
  fi
  "$@" --initialize-insecure --default-time-zone=SYSTEM
  "$@" --daemonize --skip-networking --default-time-zone=SYSTEM --socket="$socket" --log-error=/tmp/init.log
  password=
  {
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $(text "$MYSQL_ROOT_PASSWORD");"
    if [ "${MYSQL_ROOT_HOST:=%}" != localhost ]; then
      echo "CREATE USER 'root'@$(text "$MYSQL_ROOT_HOST") IDENTIFIED BY $(text "$MYSQL_ROOT_PASSWORD"); GRANT ALL ON *.* TO 'root'@$(text "$MYSQL_ROOT_HOST") WITH GRANT OPTION;"
    fi
    [ -z "$MYSQL_DATABASE" ] || echo "CREATE DATABASE IF NOT EXISTS $(name "$MYSQL_DATABASE");"
    if [ -n "$MYSQL_USER" ] && [ -n "$MYSQL_PASSWORD" ]; then
      echo "CREATE USER $(text "$MYSQL_USER")@'%' IDENTIFIED BY $(text "$MYSQL_PASSWORD");"
      [ -z "$MYSQL_DATABASE" ] || echo "GRANT ALL ON $(name "${MYSQL_DATABASE//_/\\_}").* TO $(text "$MYSQL_USER")@'%';"
    fi
  } | query
  password=$MYSQL_ROOT_PASSWORD
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) query ${MYSQL_DATABASE:+--database="$MYSQL_DATABASE"} < "$file" ;;
      *.sql.gz) gunzip -c "$file" | query ${MYSQL_DATABASE:+--database="$MYSQL_DATABASE"} ;;
    esac
  done
  MYSQL_PWD=$password mysqladmin --protocol=socket --socket="$socket" --user=root shutdown
  echo '[Note] MySQL init process done. Ready for start up.'
}

[ "${1#-}" = "$1" ] || set -- mysqld "$@"
if [ "$1" = mysqld ]; then
  if [ "$(id -u)" = 0 ]; then
    find "$folder" /var/run/mysqld \! -user mysql -exec chown mysql {} +
    exec gosu mysql "$BASH_SOURCE" "$@"
  fi
  [ -d "$folder/mysql" ] || init "$@"
fi
exec "$@"
