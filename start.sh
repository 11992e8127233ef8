#!/bin/sh
# From a fresh clone with nothing but Node.js to a running service. What is done already is not done again.
set -u

fail() {
  printf 'start.sh: %s\n' "$*" >&2
  exit 1
}

command -v node >/dev/null 2>&1 ||
  fail 'Node.js is not installed, or not on the PATH. Install Node.js 24 from https://nodejs.org and start again.'
node_version=$(node --version 2>/dev/null) ||
  fail "$(command -v node) does not run. Install Node.js 24 from https://nodejs.org and start again."
node_version=${node_version#v}
major=${node_version%%.*}
minor=${node_version#*.}
minor=${minor%%.*}
# Packages load ES modules with require(), which Node.js can since 20.19 and 22.12, and 21 never could.
too_old() {
  case $major in
    20) [ "$minor" -lt 19 ] ;;
    22) [ "$minor" -lt 12 ] ;;
    *) [ "$major" -lt 23 ] ;;
  esac
}
! too_old ||
  fail "Node.js $node_version is too old: 20.19, 22.12 or newer is needed, 24 is recommended (https://nodejs.org)."

# From any folder and through a symbolic link; `readlink -f` is not everywhere.
here=$(node -p 'path.dirname(fs.realpathSync(process.argv[1]))' "$0") && cd "$here" ||
  fail "the folder of $0 cannot be entered."

# Asks the disk, not the permission bits: root passes those even on a read-only file system.
need_to_write() {
  probe=.start-sh-$$
  (: >"$probe") 2>/dev/null || fail "$here cannot be written by $(id -un): $1"
  rm -f "$probe"
}

install_packages() {
  command -v npm >/dev/null 2>&1 ||
    fail 'npm is not installed, or not on the PATH. It comes with Node.js from https://nodejs.org; Debian has it as the package npm.'
  need_to_write 'the packages are installed into it.'
  echo 'Installing the packages (npm ci), half a minute the first time ...'
  # The build needs the development packages even where NODE_ENV is production. Offline it should say so in seconds.
  npm ci --include=dev --loglevel=error --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=10000 </dev/null ||
    fail 'npm ci failed, its reason stands above. Is the package registry reachable from here?'
}

is_built() {
  # The build writes this file last.
  last=dist/fastapi/docs-pages/redoc.standalone.js
  [ -f dist/main.js ] && [ -f "$last" ] && [ -z "$(find src scripts ./*.json -newer "$last")" ]
}

build() {
  need_to_write 'the service is built into its folder dist.'
  echo 'Building (npm run build) ...'
  npm run --silent build </dev/null || fail 'the build failed, its reason stands above.'
}

node scripts/packages-installed.mjs || install_packages
is_built || build
# Whoever sets the key or the file has settings of their own.
if [ ! -e .env ] && [ ! -L .env ] && [ -z "${SECRET_KEY:-}${ENV_FILE:-}" ]; then
  need_to_write 'a .env with a secret of its own is written into it.'
  node scripts/write-env.mjs || exit 1
fi

# In place of this shell, so that Ctrl-C and a service manager's signals reach the service.
exec node dist/main.js
