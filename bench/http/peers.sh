#!/usr/bin/env bash
# The real peers of NebulaStore, each started on 127.0.0.1 with its data under PEERS_DIR.
#   peers.sh install        install the Debian packages and fetch Infinispan's jars (Maven)
#   peers.sh list           name every peer
#   peers.sh start NAME     start one; its address is printed
#   peers.sh stop NAME      stop it (by the process ids recorded at the start)
# SERVER_CPUS=0 pins the servers to those processors (unset: not pinned).
# FRESH=1 empties the peer's data before the start.

PEERS_DIR=${PEERS_DIR:-${TMPDIR:-/tmp}/nebula-peers}
HTTP_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PEERS="nginx-fixed nginx-dav webdis-none webdis-everysec webdis-always etcd
infinispan infinispan-file beam"

peer_port() {
  case $1 in
    nginx-fixed) echo 17101 ;;
    nginx-dav) echo 17102 ;;
    webdis-none) echo 17111 ;;
    webdis-everysec) echo 17112 ;;
    webdis-always) echo 17113 ;;
    etcd) echo 17121 ;;
    infinispan) echo 17131 ;;
    infinispan-file) echo 17132 ;;
    beam) echo 17141 ;;
    *) echo "unknown peer: $1" >&2; return 1 ;;
  esac
}

# The URL scheme that kv.lua uses for this peer.
peer_scheme() {
  case $1 in
    webdis-*) echo webdis ;;
    etcd) echo etcd ;;
    infinispan*) echo infinispan ;;
    *) echo /kv/ ;;
  esac
}

peer_url() { echo "http://127.0.0.1:$(peer_port "$1")"; }

# Whether it can store values; nginx-fixed can't.
peer_stores() { [ "$1" != nginx-fixed ]; }

peer_pids() { cat "$PEERS_DIR/$1/pids"; }

peers_install() {
  apt-get install -y --no-install-recommends nginx-extras redis-server redis-tools webdis \
    etcd-server etcd-client elixir erlang-mochiweb wrk fio curl iproute2
  mkdir -p "$PEERS_DIR/infinispan-classes"
  "$HTTP_DIR/../../mvnw" -q -B -f "$HTTP_DIR/infinispan/pom.xml" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$PEERS_DIR/infinispan-lib"
  javac -cp "$PEERS_DIR/infinispan-lib/*" -d "$PEERS_DIR/infinispan-classes" \
    "$HTTP_DIR/infinispan/RestPeer.java"
}

# Runs a command in the background, pinned if asked, and records its process id.
launch() {
  local name=$1 pin=()
  shift
  [ -n "${SERVER_CPUS:-}" ] && pin=(taskset -c "$SERVER_CPUS")
  "${pin[@]}" "$@" >>"$PEERS_DIR/$name/log" 2>&1 &
  echo $! >>"$PEERS_DIR/$name/pids"
}

wait_for_port() {
  local try
  for try in $(seq 150); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
    sleep 0.2
  done
  echo "nothing listens on port $1 after $((try / 5)) s" >&2
  return 1
}

nginx_conf() { # NAME PORT LOCATION_BODY
  cat <<EOF
daemon off; master_process off; worker_processes 1;
pid $PEERS_DIR/$1/nginx.pid; error_log $PEERS_DIR/$1/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; tcp_nodelay on; sendfile on;
  client_body_temp_path $PEERS_DIR/$1/tmp; client_body_buffer_size 64k;
  client_max_body_size 16m;
  server { listen 127.0.0.1:$2 backlog=1024; location /kv/ { $3 } }
}
EOF
}

start_nginx() { # NAME PORT LOCATION_BODY
  mkdir -p "$PEERS_DIR/$1/tmp" "$PEERS_DIR/$1/root/kv"
  nginx_conf "$@" >"$PEERS_DIR/$1/nginx.conf"
  launch "$1" nginx -e "$PEERS_DIR/$1/error.log" -c "$PEERS_DIR/$1/nginx.conf"
}

start_webdis() { # NAME PORT APPENDONLY APPENDFSYNC
  local redis_port=$(($2 + 100))
  launch "$1" redis-server --bind 127.0.0.1 --port "$redis_port" --dir "$PEERS_DIR/$1" \
    --save '' --appendonly "$3" --appendfsync "$4" --daemonize no
  wait_for_port "$redis_port" || return
  cat >"$PEERS_DIR/$1/webdis.json" <<EOF
{ "redis_host": "127.0.0.1", "redis_port": $redis_port, "redis_auth": null,
  "http_host": "127.0.0.1", "http_port": $2, "threads": 2, "pool_size": 20,
  "daemonize": false, "database": 0, "verbosity": 1,
  "acl": [ { "disabled": ["DEBUG"] } ], "logfile": "$PEERS_DIR/$1/webdis.log" }
EOF
  launch "$1" webdis "$PEERS_DIR/$1/webdis.json"
}

start_infinispan() { # NAME PORT [STORE_DIRECTORY]
  launch "$1" java -Xmx2g -XX:+UseG1GC -cp "$PEERS_DIR/infinispan-lib/*:$PEERS_DIR/infinispan-classes" \
    RestPeer "$2" "${@:3}"
}

peer_start() {
  local name=$1 port
  port=$(peer_port "$name") || return
  [ "${FRESH:-0}" = 1 ] && rm -rf "${PEERS_DIR:?}/$name"
  mkdir -p "$PEERS_DIR/$name"
  : >"$PEERS_DIR/$name/pids"
  case $name in
    nginx-fixed)
      start_nginx "$name" "$port" \
        "default_type application/octet-stream; return 200 '$(printf 'v%.0s' $(seq 100))';" ;;
    nginx-dav)
      start_nginx "$name" "$port" \
        "default_type application/octet-stream; root $PEERS_DIR/$name/root; dav_methods PUT DELETE;" ;;
    webdis-none) start_webdis "$name" "$port" no no ;;
    webdis-everysec) start_webdis "$name" "$port" yes everysec ;;
    webdis-always) start_webdis "$name" "$port" yes always ;;
    etcd)
      launch "$name" etcd --name bench --data-dir "$PEERS_DIR/$name/data" --logger zap \
        --log-level error --quota-backend-bytes 8000000000 \
        --auto-compaction-mode revision --auto-compaction-retention 100000 \
        --listen-client-urls "http://127.0.0.1:$port" \
        --advertise-client-urls "http://127.0.0.1:$port" \
        --listen-peer-urls "http://127.0.0.1:$((port + 100))" \
        --initial-advertise-peer-urls "http://127.0.0.1:$((port + 100))" \
        --initial-cluster "bench=http://127.0.0.1:$((port + 100))" ;;
    infinispan) start_infinispan "$name" "$port" ;;
    infinispan-file) start_infinispan "$name" "$port" "$PEERS_DIR/$name/store" ;;
    beam)
      launch "$name" env ERL_FLAGS="+sbwt none" \
        elixir "$HTTP_DIR/beam/nebula_http.exs" "$port" ;;
  esac
  wait_for_port "$port" && peer_url "$name"
}

# Whether this process exists and is not a zombie.
alive() { grep -qs '^State:[[:space:]]*[^Z]' "/proc/$1/status"; }

peer_stop() {
  local pid
  [ -f "$PEERS_DIR/$1/pids" ] || return 0
  while read -r pid; do
    kill "$pid" 2>/dev/null
    for _ in $(seq 100); do
      alive "$pid" || break
      sleep 0.1
    done
  done < <(tac "$PEERS_DIR/$1/pids")
  rm -f "$PEERS_DIR/$1/pids"
}

# User and system time of the given processes, in clock ticks (100 to the second).
cpu_ticks() {
  local pid total=0 stat
  for pid in "$@"; do
    read -r stat <"/proc/$pid/stat"
    stat=${stat##*) }
    # shellcheck disable=SC2086 # split into its fields on purpose
    set -- $stat
    total=$((total + ${12} + ${13}))
  done
  echo "$total"
}

# Resident memory of the given processes, in KiB.
rss_kib() {
  local pid total=0
  for pid in "$@"; do
    total=$((total + $(awk '/^VmRSS/{print $2}' "/proc/$pid/status")))
  done
  echo "$total"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  case ${1:-} in
    install) peers_install ;;
    list) echo "$PEERS" | tr ' ' '\n' ;;
    start) peer_start "${2:?name}" ;;
    stop) peer_stop "${2:?name}" ;;
    *) sed -n '2,8p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
fi
