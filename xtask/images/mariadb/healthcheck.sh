#!/bin/sh
# Whether the server takes connections. What else may be asked for is about what it holds, and is not looked at.
exec mariadb-admin --protocol=tcp --host=127.0.0.1 --connect-timeout=2 ping
