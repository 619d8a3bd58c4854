#!/usr/bin/env bash
# Runs a command with PostgreSQL (and PostGIS), Redis and an S3-compatible server
# of its own on free ports, and ends them after it. A server whose variable is
# set already (DATABASE_URL, REDIS_URL, S3_ENDPOINT) is used as it is.
# Missing ones, and a C++ compiler, are installed from Debian's or Ubuntu's packages and
# with cargo.
set -euo pipefail

tools="${TOOLS:-$HOME/.cache/demeter/tools}"
folder=$(mktemp -d -t demeter-servers-XXXXXX)
chmod 755 "$folder"
pids=()

say() { echo "servers: $*" >&2; }
fail() { say "$*"; exit 1; }

stop() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# PostgreSQL refuses to run as root. A prefix, not a function: what is started with
# it in the background has the process id that is ended later.
as_user=()
[ "$(id -u)" != 0 ] || as_user=(setpriv --reuid=postgres --regid=postgres --init-groups --)

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Packages start their servers when installed; ours are private, so they must not.
install_packages() {
  command -v apt-get >/dev/null || fail "missing, and not Debian or Ubuntu: $* (of servers, DATABASE_URL and REDIS_URL will do)"
  say "installing $* …"
  local policy=/usr/sbin/policy-rc.d made="" outcome=0
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    made=1
  fi
  {
    as_root apt-get -o DPkg::Lock::Timeout=300 update &&
      as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
  } >"$folder/apt.log" 2>&1 || outcome=$?
  [ -z "$made" ] || as_root rm -f "$policy"
  [ "$outcome" = 0 ] || { tail -5 "$folder/apt.log" >&2; fail "could not install $*"; }
}

wait_for() {
  local what=$1
  shift
  for _ in $(seq 150); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  fail "$what did not start; see the lines above"
}

# The newest PostgreSQL that has PostGIS.
postgres_bin() {
  local control version
  control=$(find /usr/share/postgresql -name postgis.control 2>/dev/null | sort -V | tail -1)
  version=$(echo "$control" | cut -d/ -f5)
  [ -n "$version" ] && [ -x "/usr/lib/postgresql/$version/bin/initdb" ] && echo "/usr/lib/postgresql/$version/bin"
}

start_postgres() {
  local bin port
  bin=$(postgres_bin) || install_packages postgresql postgresql-postgis
  bin=$(postgres_bin) || fail "PostgreSQL has no PostGIS; install it, or set DATABASE_URL"
  port=$(free_port)
  mkdir -p "$folder/postgres"
  [ "$(id -u)" != 0 ] || chown postgres "$folder/postgres"
  "${as_user[@]}" "$bin/initdb" --pgdata "$folder/postgres/data" --username demeter --auth trust --encoding UTF8 \
    --no-sync >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; fail "initdb failed"; }
  # What a test writes need not survive a power cut.
  "${as_user[@]}" "$bin/postgres" -D "$folder/postgres/data" -p "$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories="$folder/postgres" -c fsync=off -c full_page_writes=off -c max_connections=300 \
    >"$folder/postgres.log" 2>&1 &
  pids+=($!)
  wait_for PostgreSQL "$bin/pg_isready" -h 127.0.0.1 -p "$port" -U demeter
  export DATABASE_URL="postgres://demeter@127.0.0.1:$port/postgres"
}

start_redis() {
  command -v redis-server >/dev/null || install_packages redis-server
  local port
  port=$(free_port)
  redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" >"$folder/redis.log" 2>&1 &
  pids+=($!)
  wait_for Redis redis-cli -p "$port" ping
  export REDIS_URL="redis://127.0.0.1:$port"
}

start_s3() {
  local port
  if [ ! -x "$tools/bin/s3s-fs" ]; then
    say "building the S3-compatible server (two minutes, once) …"
    env -u CARGO_TARGET_DIR cargo install s3s-fs --version 0.14.1 --features binary --locked --root "$tools" --quiet
  fi
  port=$(free_port)
  mkdir -p "$folder/s3/demeter-photos-original"
  export AWS_ACCESS_KEY_ID=demeter-test AWS_SECRET_ACCESS_KEY=demeter-test-secret AWS_REGION=us-east-1
  "$tools/bin/s3s-fs" --access-key "$AWS_ACCESS_KEY_ID" --secret-key "$AWS_SECRET_ACCESS_KEY" \
    --host 127.0.0.1 --port "$port" "$folder/s3" >"$folder/s3.log" 2>&1 &
  pids+=($!)
  wait_for "the S3-compatible server" python3 -c "import socket; socket.create_connection(('127.0.0.1', $port), 1)"
  export S3_ENDPOINT="http://127.0.0.1:$port" S3_BUCKET=demeter-photos-original
}

command -v python3 >/dev/null || fail "python3 is not installed"
# The GPU's kernels are tested on the processor, compiled as C++.
command -v c++ >/dev/null || install_packages g++
[ -n "${DATABASE_URL:-}" ] || start_postgres
[ -n "${REDIS_URL:-}" ] || start_redis
[ -n "${S3_ENDPOINT:-}" ] || start_s3
export DEMETER_ENVOY="${DEMETER_ENVOY:-$tools/envoy-1.40.0/envoy}"
say "PostgreSQL, Redis and S3 are up"
"$@"
