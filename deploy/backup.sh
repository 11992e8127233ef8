#!/bin/sh
# Backs up the database while the service runs: writes a consistent snapshot to one file in BACKUP_DIR, with a checksum.
#
#   deploy/backup.sh [--keep N] [--libpq] [-- OPTION_OF_PG_DUMP …]
#
#   --keep N   keep the newest N backups (default 14)
#   --libpq    read libpq's variables (PGHOST, PGPORT, PGDATABASE …) and BACKUP_DIR from the environment, for a machine
#              without the service, instead of the service's settings (ENV_FILE or .env)
#
# A failed backup leaves no files and deletes no older backup. pg_dump must not be older than the server.
set -eu
umask 077

fail() {
  printf 'backup.sh: %s\n' "$*" >&2
  exit 1
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
keep=14
libpq=''
arguments="$*"
while [ $# -gt 0 ]; do
  case $1 in
    --keep)
      keep=${2:-}
      case $keep in '' | *[!0-9]* | 0) fail '--keep needs a number of at least 1' ;; esac
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
    *) fail "unknown option $1 in: $arguments" ;;
  esac
done

[ -n "$libpq" ] || exec node "$here/with-database.mjs" "$here/backup.sh" --libpq --keep "$keep" -- "$@"

command -v pg_dump >/dev/null 2>&1 || fail 'pg_dump is not installed (Debian: postgresql-client, Oracle Linux: postgresql).'
[ -n "${PGDATABASE:-}" ] || fail 'PGDATABASE is not set.'
[ -n "${BACKUP_DIR:-}" ] || fail 'BACKUP_DIR, the folder for backups, is not set.'
mkdir -p "$BACKUP_DIR" || fail "cannot create the folder $BACKUP_DIR."

name=$(printf %s "$PGDATABASE" | tr -c 'A-Za-z0-9_.-' _)
file=$name-$(date -u +%Y%m%dT%H%M%SZ).dump
draft=.$file.$$.partial
cd "$BACKUP_DIR"
[ ! -e "$file" ] || fail "$BACKUP_DIR/$file already exists."
trap 'rm -f "$draft" "$draft.sha256"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

pg_dump --format=custom --file="$draft" "$@" || fail 'pg_dump failed, see the error above. No backup was written.'
# Reads the whole file back, to be sure that it can be restored.
pg_restore --file=/dev/null "$draft" || fail 'pg_restore cannot read the dump. No backup was written.'
sha256sum "$draft" | sed "s/ .*/  $file/" >"$draft.sha256"
# The checksum comes first, so that a visible backup always has one.
mv "$draft.sha256" "$file.sha256"
mv "$draft" "$file"
printf 'backup.sh: wrote %s/%s, %s bytes, verified\n' "$BACKUP_DIR" "$file" "$(wc -c <"$file" | tr -d ' ')"

# Deletes partial files of runs that were killed, and the oldest backups. Names of backups sort by time.
find . -maxdepth 1 -name ".$name-*.partial*" -mtime +0 -exec rm -f {} +
set -- "$name"-????????T??????Z.dump
while [ $# -gt "$keep" ]; do
  rm -f "$1" "$1.sha256"
  shift
done
