#!/bin/sh
# Installs, builds, configures and starts the service from a fresh clone. Needs only Node.js. Skips completed steps.
set -u

fail() {
  printf 'start.sh: %s\n' "$*" >&2
  exit 1
}

command -v node >/dev/null 2>&1 ||
  fail 'Node.js is not installed, or not on the PATH. Install Node.js 24 from https://nodejs.org and run start.sh again.'
node_version=$(node --version 2>/dev/null) ||
  fail "$(command -v node) does not run. Install Node.js 24 from https://nodejs.org and run start.sh again."
node_version=${node_version#v}
major=${node_version%%.*}
minor=${node_version#*.}
minor=${minor%%.*}
# Packages load ES modules with require(), which Node.js supports since 20.19 and 22.12, but not in 21.
too_old() {
  case $major in
    20) [ "$minor" -lt 19 ] ;;
    22) [ "$minor" -lt 12 ] ;;
    *) [ "$major" -lt 23 ] ;;
  esac
}
! too_old ||
  fail "Node.js $node_version is not supported: use 20.19, 22.12 or newer; 24 is recommended (https://nodejs.org)."

# Works from any folder and through a symbolic link; `readlink -f` is not available everywhere.
here=$(node -p 'path.dirname(fs.realpathSync(process.argv[1]))' "$0") && cd "$here" ||
  fail "cannot change to the folder of $0."

# Writes a file instead of checking permission bits: for root they pass even on a read-only file system.
need_to_write() {
  probe=.start-sh-$$
  (: >"$probe") 2>/dev/null || fail "$(id -un) cannot write to $here, $1"
  rm -f "$probe"
}

install_packages() {
  command -v npm >/dev/null 2>&1 ||
    fail 'npm is not installed, or not on the PATH. Node.js from https://nodejs.org includes it; on Debian, install the package npm.'
  need_to_write 'where the packages are installed.'
  echo 'Installing the packages (npm ci). This takes half a minute the first time ...'
  # The build needs the development packages even if NODE_ENV is production. The timeouts let it fail fast offline.
  npm ci --include=dev --loglevel=error --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=10000 </dev/null ||
    fail 'npm ci failed, see the error above. Is the package registry reachable?'
}

is_built() {
  # The last file that the build writes.
  last=dist/fastapi/docs-pages/redoc.standalone.js
  [ -f dist/main.js ] && [ -f "$last" ] && [ -z "$(find src scripts ./*.json -newer "$last")" ]
}

build() {
  need_to_write 'where the service is built into the folder dist.'
  echo 'Building (npm run build) ...'
  npm run --silent build </dev/null || fail 'the build failed, see the error above.'
}

node scripts/packages-installed.mjs || install_packages
is_built || build
# SECRET_KEY or ENV_FILE means that the operator provides the settings.
if [ ! -e .env ] && [ ! -L .env ] && [ -z "${SECRET_KEY:-}${ENV_FILE:-}" ]; then
  need_to_write 'where a .env with a new secret is created.'
  node scripts/write-env.mjs || exit 1
fi

# Replaces this shell, so that Ctrl-C and a service manager's signals reach the service.
exec node dist/main.js
