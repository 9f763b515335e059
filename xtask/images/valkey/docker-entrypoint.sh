#!/bin/sh
# A first word that is a flag or a configuration file is an argument of valkey-server, which runs as valkey, takes connections from elsewhere, and keeps its data in /data.
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
  set -- valkey-server "$@"
fi
if [ "$1" = valkey-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user valkey -exec chown valkey {} +
  exec gosu valkey "$0" "$@"
fi
if [ "$1" = valkey-server ]; then
  case $2 in
    *.conf) ;;
    *) shift; set -- valkey-server --protected-mode no "$@" ;;
  esac
fi
exec "$@"
