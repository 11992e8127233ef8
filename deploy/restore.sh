#!/bin/sh
# Restores a backup of deploy/backup.sh into an empty database, in one transaction, and revokes all restored sessions and
# one-time links: some may have been revoked after the backup and must stay revoked. Drops queued links and the e-mail
# addresses of deleted accounts.
#
#   deploy/restore.sh [--database NAME] [--force] [--libpq] FILE
#
#   --database NAME   restore into another existing database on the same server
#   --force           replace the contents of the database; stop the service first
#   --libpq           read libpq's variables (PGHOST, PGPORT, PGDATABASE …) instead of the service's settings
#
# The restoring role owns the restored objects. pg_restore must not be older than the pg_dump that wrote FILE.
set -eu
umask 077

fail() {
  printf 'restore.sh: %s\n' "$*" >&2
  exit 1
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
database=''
force=''
libpq=''
file=''
while [ $# -gt 0 ]; do
  case $1 in
    --database)
      database=${2:-}
      [ -n "$database" ] || fail '--database needs a name'
      shift
      ;;
    --force) force=yes ;;
    --libpq) libpq=yes ;;
    -*) fail "unknown option $1" ;;
    *)
      [ -z "$file" ] || fail "more than one file: $file and $1"
      file=$1
      ;;
  esac
  shift
done
[ -n "$file" ] || fail 'usage: restore.sh [--database NAME] [--force] [--libpq] FILE'

[ -n "$libpq" ] || exec node "$here/with-database.mjs" "$here/restore.sh" --libpq ${force:+--force} \
  ${database:+--database "$database"} "$file"

command -v pg_restore >/dev/null 2>&1 || fail 'pg_restore is not installed (Debian: postgresql-client, Oracle Linux: postgresql).'
PGDATABASE=${database:-${PGDATABASE:-}}
[ -n "$PGDATABASE" ] || fail 'PGDATABASE is not set.'
# Hides notices, and warnings about statements that only a superuser may run.
PGOPTIONS='-c client_min_messages=error'
export PGDATABASE PGOPTIONS

ask() {
  psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --command="$1"
}

[ -r "$file" ] || fail "cannot read $file."
if [ -r "$file.sha256" ]; then
  (cd "$(dirname "$file")" && sha256sum --check --status "$(basename "$file").sha256") ||
    fail "$file was changed after the backup: its checksum differs."
else
  printf 'restore.sh: %s.sha256 does not exist, so the checksum is not verified\n' "$file" >&2
fi
pg_restore --file=/dev/null "$file" || fail "$file is damaged or not a backup, see the error above. Nothing was changed."

tables=$(ask "SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND relkind IN ('r', 'p', 'v', 'm', 'S')")
if [ "$tables" -gt 0 ]; then
  [ -n "$force" ] || fail "the database $PGDATABASE is not empty. Restore into another database (--database NAME) or replace its contents (--force)."
  others=$(ask "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()")
  [ "$others" -eq 0 ] || fail "$PGDATABASE has $others open connections: stop the service first."
fi

# One transaction, which commits only after the whole backup was read: on any error the database stays unchanged.
emptied="DO \$\$ DECLARE name text; BEGIN
  FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', name);
  END LOOP; END \$\$;
CREATE SCHEMA public;"
# --no-privileges drops all grants and revokes, so PUBLIC could call the SECURITY DEFINER functions.
closed="DO \$\$ DECLARE called regprocedure; BEGIN
  FOR called IN SELECT oid FROM pg_proc WHERE prosecdef AND pronamespace::regnamespace::text !~ '^pg_' LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', called);
  END LOOP; END \$\$;"
ended="DO \$\$ DECLARE name regclass; BEGIN
  FOR name IN SELECT attrelid FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE relkind = 'r' AND relname = 'sessions' AND attname = 'previous_token_hash' LOOP
    EXECUTE format('UPDATE %s SET ended_at = now(), end_reason = %L WHERE ended_at IS NULL', name, 'restored');
  END LOOP;
  FOR name IN SELECT attrelid FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE relkind = 'r' AND relname = 'one_time_tokens' AND attname = 'token_hash' LOOP
    EXECUTE format('DELETE FROM %s WHERE purpose <> %L', name, 'former_address');
  END LOOP;
  FOR name IN SELECT attrelid FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE relkind = 'r' AND relname = 'deletion_notices' AND attname = 'username' LOOP
    EXECUTE format('DELETE FROM %s', name);
  END LOOP;
  IF to_regclass('graphile_worker._private_tasks') IS NOT NULL THEN
    DELETE FROM graphile_worker._private_jobs USING graphile_worker._private_tasks AS tasks
     WHERE tasks.id = task_id AND identifier = 'link.send';
  END IF; END \$\$;"
{
  printf 'BEGIN;\n'
  [ "$tables" -eq 0 ] || printf '%s\n' "$emptied"
  pg_restore --no-owner --no-privileges --file=- "$file" && printf '%s\n' "$closed" "$ended" &&
    printf 'COMMIT;\n\\echo restored\n'
} | psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 | grep -qx restored ||
  fail "the restore failed, see the error above. $PGDATABASE is unchanged."
# A dump does not include planner statistics.
ask ANALYZE
printf 'restore.sh: restored %s into %s; accounts, and creation time of the newest: %s\n' "$file" "$PGDATABASE" \
  "$(ask "SELECT count(*) || ', ' || coalesce(max(created_at)::text, 'none') FROM users")"
printf 'restore.sh: revoked all sessions and links: everybody must sign in again and request new links\n'
