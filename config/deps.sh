#!/bin/sh
# Finds what docent needs and is not here yet, says so, and installs it from the system's packages.
#
#   config/deps.sh build|check|lint [FILE]
#
#   build   what compiling takes; check, lint: that, and what `make check` and `make lint` take
#   FILE    where to write the compiler's and linker's flags for what was found, as make variables;
#           a relative name starts at the top folder
#
# Prints nothing when everything is here. Everything else goes to standard error.
# The table: for which word; the folder without which it is not needed; how to tell that it is here (see is_here);
# then its package on each system, + between two, - where it has none or comes with the system.
#
#   for    folder            needs                    Debian, Ubuntu        Fedora               Arch           Alpine             macOS
table='
    build  .                 compiler                 gcc+libc6-dev         gcc+glibc-devel      gcc            build-base         -
    build  .                 command:ar               binutils              binutils             binutils       binutils           -
    build  .                 command:pkg-config       pkg-config            pkgconf-pkg-config   pkgconf        pkgconf            pkgconf
    build  .                 pc:libpcre2-8            libpcre2-dev          pcre2-devel          pcre2          pcre2-dev          pcre2
    build  .                 pc:libcjson              libcjson-dev          cjson-devel          cjson          cjson-dev          cjson
    build  .                 pc:libutf8proc           libutf8proc-dev       utf8proc-devel       libutf8proc    utf8proc-dev       utf8proc
    build  src/engine/words  wordlist                 wamerican             words                words          words-en           -
    build  .                 pc:libedit               libedit-dev           libedit-devel        libedit        libedit-dev        libedit
    build  src/net           pc:libcurl               libcurl4-openssl-dev  libcurl-devel        curl           curl-dev           curl
    build  src/net           pc:libmicrohttpd         libmicrohttpd-dev     libmicrohttpd-devel  libmicrohttpd  libmicrohttpd-dev  libmicrohttpd
    build  src/net           pc:libsodium             libsodium-dev         libsodium-devel      libsodium      libsodium-dev      libsodium
    build  src/net           lib:wslay:wslay/wslay.h  libwslay-dev          wslay-devel          libwslay       wslay-dev          wslay
    build  src/store         pc:sqlite3               libsqlite3-dev        sqlite-devel         sqlite         sqlite-dev         sqlite
    check  .                 pc:cmocka                libcmocka-dev         libcmocka-devel      cmocka         cmocka-dev         cmocka
    check  tests/fake        pc:openssl               libssl-dev            openssl-devel        openssl        openssl-dev        openssl@3
    lint   .                 command:clang-format     clang-format          clang-tools-extra    clang          clang-extra-tools  clang-format
    lint   .                 command:clang-tidy       clang-tidy            clang-tools-extra    clang          clang-extra-tools  llvm
    lint   .                 command:cppcheck         cppcheck              cppcheck             cppcheck       cppcheck           cppcheck
'
word_lists='/usr/share/dict/american-english /usr/share/dict/words'     # as in the Makefile

set -eu
CC=${CC:-cc}
compiler=${CC##* }              # of `ccache gcc`: gcc

say() { printf '%s\n' "$*" >&2; }

usage() {
    say 'usage: config/deps.sh build|check|lint [FILE]'
    exit 64
}

# Which package manager, and what comes before and after `install` on its command line. Column: its place in the table.
choose_manager() {
    if command -v apt-get > /dev/null; then
        column=1 refresh='apt-get -q update'
        install='env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends'
    elif command -v dnf > /dev/null; then
        column=2 refresh='' install='dnf install -y --setopt=install_weak_deps=False'
    elif command -v pacman > /dev/null; then
        column=3 refresh='' install='pacman -S --needed --noconfirm'
        ls /var/lib/pacman/sync/*.db > /dev/null 2>&1 || refresh='pacman -Sy'
    elif command -v apk > /dev/null; then
        column=4 refresh='apk update' install='apk add'
    elif command -v brew > /dev/null; then
        column=5 refresh='' install='brew install'
    else
        column=0
    fi
}

# Homebrew keeps its headers, and some packages whole, where neither the compiler nor pkg-config looks.
look_where_brew_keeps_things() {
    brew_cflags='' brew_libs=''
    command -v brew > /dev/null && [ "$(uname)" = Darwin ] || return 0
    prefix=$(brew --prefix)
    brew_cflags="-I$prefix/include" brew_libs="-L$prefix/lib"
    for keg in libedit curl sqlite openssl@3; do
        PKG_CONFIG_PATH="$prefix/opt/$keg/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
    done
    export PKG_CONFIG_PATH
}

has_header() {
    # shellcheck disable=SC2086  # several words: a compiler with its options
    echo "#include <$1>" | $CC $brew_cflags -E - > /dev/null 2>&1
}

is_here() {
    case $1 in
        compiler)   command -v "$compiler" > /dev/null && has_header stdio.h ;;
        command:*)  command -v "${1#*:}" > /dev/null ;;
        pc:*)       pkg-config --exists "${1#*:}" 2> /dev/null ;;
        lib:*)      has_header "${1##*:}" ;;
        wordlist)   for f in ${WORDLIST:-$word_lists}; do [ -r "$f" ] && return; done; false ;;
        *)          say "config/deps.sh: cannot test for '$1'"; exit 70 ;;
    esac
}

# Goes through the table: names and packages of what is missing, flags of what is here.
look() {
    missing='' packages='' modules='' test_modules='' libs=''
    while read -r for folder needs apt dnf pacman apk brew; do
        case $for in build|"$what") ;; *) continue ;; esac
        [ -e "$folder" ] || continue
        case $for:$needs in
            build:pc:*)  modules="$modules ${needs#pc:}" ;;
            check:pc:*)  test_modules="$test_modules ${needs#pc:}" ;;
            build:lib:*) libs="$libs -l$(echo "$needs" | cut -d: -f2)" ;;
        esac
        is_here "$needs" && continue
        missing="$missing ${needs##*:}"
        package=$(echo "- $apt $dnf $pacman $apk $brew" | cut -d' ' -f$((column + 1)))
        [ "$package" = - ] || packages="$packages $(echo "$package" | tr + ' ')"
    done << END
$table
END
}

# Installs $packages, having said so.
get_packages() {
    root=''
    if [ "$column" != 5 ] && [ "$(id -u)" != 0 ]; then
        root='sudo '
    fi
    if [ -n "$root" ] && ! command -v sudo > /dev/null; then
        say 'You are not root, and there is no sudo here. As root, run:'
        say
        [ -n "$refresh" ] && say "    $refresh"
        say "    $install$packages"
        say
        exit 69
    fi
    say "Installing it${root:+ (with sudo, as you are not root)}:"
    say
    [ -n "$refresh" ] && say "    $root$refresh"
    say "    $root$install$packages"
    say
    # shellcheck disable=SC2086  # commands of several words
    {
        [ -z "$refresh" ] || $root$refresh < /dev/null >&2 || say 'Going on with the package lists as they are.'
        $root$install $packages < /dev/null >&2 || { say 'That did not work: see above.'; exit 69; }
    }
    say
}

write_flags() {
    # Not everything that is linked is used by every program; only macOS's linker leaves that out unasked.
    as_needed=-Wl,--as-needed
    [ "$(uname)" = Darwin ] && as_needed=''
    # shellcheck disable=SC2086  # lists of words
    {
        echo "DEPS_CFLAGS = $brew_cflags $(flags --cflags $modules)"
        echo "DEPS_LIBS = $as_needed $brew_libs $(flags --libs $modules)$libs -lm"
        echo "TEST_CFLAGS = $(flags --cflags $test_modules)"
        echo "TEST_LIBS = $(flags --libs $test_modules)"
    } > "$1.part"
    mv "$1.part" "$1"
}

flags() { [ $# -lt 2 ] || pkg-config "$@"; }

cd "$(dirname "$0")/.."
what=${1:-}
case $what in build|check|lint) ;; *) usage ;; esac

choose_manager
look_where_brew_keeps_things
look
if [ -n "$missing" ]; then
    say "docent needs what is not here yet:$missing"
    case $compiler in
        cc|gcc) ;;
        *)  is_here compiler || { say "You chose the compiler '$compiler': please install it yourself."; exit 69; } ;;
    esac
    if [ "$column" = 0 ]; then
        say 'No apt-get, dnf, pacman, apk or brew here: please install these yourself.'
        exit 69
    fi
    [ -z "$packages" ] || get_packages
    look_where_brew_keeps_things
    look
    if [ -n "$missing" ]; then
        say "Still missing, please install by hand:$missing"
        exit 69
    fi
fi
[ -z "${2:-}" ] || { mkdir -p "$(dirname "$2")" && write_flags "$2"; }
