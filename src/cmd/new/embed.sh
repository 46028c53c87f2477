#!/bin/sh
# Writes files as a table of C strings, for src/cmd/new.c: their names without the first folders, then their content.
#
#   embed.sh FOLDER FILE... > starter.c

folder=$1
shift
echo '#include "cmd/starter.h"'
echo
echo 'const struct starter_file starter_files[] = {'
for file; do
    case $file in
        "$folder"/*) name=${file#"$folder"/} ;;
        *)           name=schema/${file##*/} ;;
    esac
    printf '    {"%s",\n' "$name"
    # ? would begin a trigraph
    sed 's/[\\"?]/\\&/g; s/^/     "/; s/$/\\n"/' "$file"
    echo '    },'
done
echo '    {0, 0},'
echo '};'
