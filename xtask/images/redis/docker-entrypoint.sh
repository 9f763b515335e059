#!/bin/sh
# A first word that is a flag or a configuration file is an argument of redis-server, which runs as redis, takes connections from elsewhere, and keeps its data in /data.
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
  set -- redis-server "$@"
fi
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user redis -exec chown redis {} +
  exec gosu redis "$0" "$@"
fi
if [ "$1" = redis-server ]; then
  case $2 in
    *.conf) ;;
    *) shift; set -- redis-server --protected-mode no "$@" ;;
  esac
fi
exec "$@"
