#!/bin/sh
# Fills in templates and runs what an image put in /docker-entrypoint.d, then becomes the command.
set -e
for template in /etc/nginx/templates/*.template; do
  [ -f "$template" ] || continue
  envsubst "$(env | sed 's/=.*//; s/^/${/; s/$/}/' | tr '\n' ' ')" < "$template" > "/etc/nginx/conf.d/$(basename "$template" .template)"
done
for script in /docker-entrypoint.d/*.sh; do
  [ -x "$script" ] && "$script"
done
exec "$@"
