#!/bin/sh
# Restores a backup of deploy/backup.sh into an empty database, all of it or nothing, and ends all sessions and links in
# it: some of them may have ended after the backup and must not come back. It leaves out requests for links and the
# addresses of deleted accounts.
#
#   deploy/restore.sh [--database NAME] [--force] [--libpq] FILE
#
#   --database NAME   another database than that of the settings, on the same server; it must exist
#   --force           replace what the database holds, once the service is stopped
#   --libpq           take libpq's own variables (PGHOST, PGPORT, PGDATABASE …) instead of the service's settings
#
# What is restored belongs to the role that restores it. pg_restore must not be older than the pg_dump that wrote FILE.
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
      [ -z "$file" ] || fail "one file at a time: $file or $1"
      file=$1
      ;;
  esac
  shift
done
[ -n "$file" ] || fail 'which file?'

[ -n "$libpq" ] || exec node "$here/with-database.mjs" "$here/restore.sh" --libpq ${force:+--force} \
  ${database:+--database "$database"} "$file"

command -v pg_restore >/dev/null 2>&1 || fail 'pg_restore is not installed (Debian: postgresql-client, Oracle Linux: postgresql).'
PGDATABASE=${database:-${PGDATABASE:-}}
[ -n "$PGDATABASE" ] || fail 'PGDATABASE is not set.'
# Warnings of what only a superuser may do, and notices, would hide what matters.
PGOPTIONS='-c client_min_messages=error'
export PGDATABASE PGOPTIONS

ask() {
  psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --command="$1"
}

[ -r "$file" ] || fail "$file cannot be read."
if [ -r "$file.sha256" ]; then
  (cd "$(dirname "$file")" && sha256sum --check --status "$(basename "$file").sha256") ||
    fail "$file is not what was backed up: its checksum differs."
else
  printf 'restore.sh: there is no %s.sha256: it goes unchecked\n' "$file" >&2
fi
pg_restore --file=/dev/null "$file" || fail "$file is damaged or no backup, the reason stands above. Nothing was changed."

tables=$(ask "SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND relkind IN ('r', 'p', 'v', 'm', 'S')")
if [ "$tables" -gt 0 ]; then
  [ -n "$force" ] || fail "the database $PGDATABASE is not empty. Restore into another one (--database NAME), or replace all that it holds (--force)."
  others=$(ask "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()")
  [ "$others" -eq 0 ] || fail "$others connections to $PGDATABASE are open: stop the service first."
fi

# In one transaction that only a complete backup ends: whatever goes wrong, the database stays as it was.
emptied="DO \$\$ DECLARE name text; BEGIN
  FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', name);
  END LOOP; END \$\$;
CREATE SCHEMA public;"
# What rights a dump has are left out, and with them that not everybody may call what runs with its owner's rights.
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
  fail "the reason stands above. $PGDATABASE is as it was."
# A dump has no statistics for the planner.
ask ANALYZE
printf 'restore.sh: %s is in %s, accounts and the newest of them: %s\n' "$file" "$PGDATABASE" \
  "$(ask "SELECT count(*) || ', ' || coalesce(max(created_at)::text, 'none') FROM users")"
printf 'restore.sh: all sessions and links in it are ended: everybody signs in again, and asks for new links\n'
