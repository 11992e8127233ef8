#!/bin/sh
# A backup of the database while the service runs: one file in BACKUP_DIR that holds one moment of it, with a checksum.
#
#   deploy/backup.sh [--keep N] [--libpq] [-- OPTION_OF_PG_DUMP …]
#
#   --keep N   how many backups stay, the newest of them (14)
#   --libpq    take libpq's own variables (PGHOST, PGPORT, PGDATABASE …) and BACKUP_DIR from the environment, on a machine
#              without the service; otherwise they are the service's settings (ENV_FILE or .env)
#
# A backup that fails leaves nothing behind and removes no older one. pg_dump must not be older than the server.
set -eu
umask 077

fail() {
  printf 'backup.sh: %s\n' "$*" >&2
  exit 1
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
keep=14
libpq=''
given="$*"
while [ $# -gt 0 ]; do
  case $1 in
    --keep)
      keep=${2:-}
      case $keep in '' | *[!0-9]* | 0) fail '--keep needs a number from 1' ;; esac
      shift 2
      ;;
    --libpq)
      libpq=yes
      shift
      ;;
    --)
      shift
      break
      ;;
    *) fail "unknown option $1 of: $given" ;;
  esac
done

[ -n "$libpq" ] || exec node "$here/with-database.mjs" "$here/backup.sh" --libpq --keep "$keep" -- "$@"

command -v pg_dump >/dev/null 2>&1 || fail 'pg_dump is not installed (Debian: postgresql-client, Oracle Linux: postgresql).'
[ -n "${PGDATABASE:-}" ] || fail 'PGDATABASE is not set.'
[ -n "${BACKUP_DIR:-}" ] || fail 'BACKUP_DIR is not set: the folder that backups are written to.'
mkdir -p "$BACKUP_DIR" || fail "the folder $BACKUP_DIR cannot be made."

name=$(printf %s "$PGDATABASE" | tr -c 'A-Za-z0-9_.-' _)
file=$name-$(date -u +%Y%m%dT%H%M%SZ).dump
draft=.$file.$$.partial
cd "$BACKUP_DIR"
[ ! -e "$file" ] || fail "$BACKUP_DIR/$file is there already."
trap 'rm -f "$draft" "$draft.sha256"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

pg_dump --format=custom --file="$draft" "$@" || fail 'pg_dump failed, its reason stands above. No backup was written.'
# Reads all of it back: a file that cannot be restored is no backup.
pg_restore --file=/dev/null "$draft" || fail 'what pg_dump wrote cannot be read. No backup was written.'
sha256sum "$draft" | sed "s/ .*/  $file/" >"$draft.sha256"
# The checksum first: whoever sees the backup sees that too.
mv "$draft.sha256" "$file.sha256"
mv "$draft" "$file"
printf 'backup.sh: %s/%s, %s bytes, read back\n' "$BACKUP_DIR" "$file" "$(wc -c <"$file" | tr -d ' ')"

# What a run that was killed left behind, and the oldest backups. Their names sort by their time.
find . -maxdepth 1 -name ".$name-*.partial*" -mtime +0 -exec rm -f {} +
set -- "$name"-????????T??????Z.dump
while [ $# -gt "$keep" ]; do
  rm -f "$1" "$1.sha256"
  shift
done
