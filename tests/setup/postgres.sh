#!/bin/sh
# Runs a command against a PostgreSQL of its own:  tests/setup/postgres.sh COMMAND [ARGUMENT...]
#
# Makes a throw-away cluster in a temporary directory, on a socket in it and on no port, names it in DATABASE_URL, runs
# the command, and removes everything again, whatever happens. The exit status is the command's.
set -eu

if [ $# -eq 0 ]; then
    echo "usage: $0 COMMAND [ARGUMENT...]" >&2
    exit 2
fi

# Debian keeps the server's programs out of PATH; the newest version wins.
find_programs() {
    programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t / -k 5 -n | tail -n 1)
    if [ ! -x "$programs/initdb" ]; then
        programs=$(dirname "$(command -v initdb || echo /nowhere/initdb)")
    fi
    [ -x "$programs/initdb" ]
}

if ! find_programs; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "These tests need the PostgreSQL server: install it (Debian: apt install postgresql) and run again." >&2
        exit 1
    fi
    apt-get update -qq >&2
    # Without a cluster of the system's own, which nobody here needs.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >&2
    if ! find_programs; then
        echo "PostgreSQL was installed, but its programs are not found below /usr/lib/postgresql." >&2
        exit 1
    fi
fi

# PostgreSQL refuses to run as root.
as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        runuser -u postgres -- "$@"
    else
        "$@"
    fi
}

# Not below TMPDIR: the path of a socket has 107 characters at most.
cluster=$(mktemp -d /tmp/uploads-postgres.XXXXXX)

clean_up() {
    status=$?
    trap - EXIT INT TERM HUP
    (cd / && as_owner "$programs/pg_ctl" -D "$cluster/data" -m immediate -w stop >/dev/null 2>&1) || true
    rm -rf "$cluster"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$cluster"
fi
start() {
    cd /
    as_owner "$programs/initdb" -D "$cluster/data" -U uploads -A trust -E UTF8 --locale=C.UTF-8 --no-sync
    as_owner "$programs/pg_ctl" -D "$cluster/data" -w -l "$cluster/log" \
        -o "-k $cluster -c listen_addresses= -c fsync=off -c max_connections=200" start
    as_owner "$programs/createdb" -h "$cluster" -U uploads uploads
}
if ! (start) >"$cluster/out" 2>&1; then
    cat "$cluster/out" "$cluster/log" >&2 2>/dev/null || true
    echo "PostgreSQL did not start." >&2
    exit 1
fi
chmod 755 "$cluster"

DATABASE_URL="postgres://uploads@/$cluster/uploads"
export DATABASE_URL

"$@"
