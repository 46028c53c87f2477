/*
 * starter: the files of the pack that `docent new` makes, as they lie in src/cmd/new, and the schema of packs.
 *
 * The table is made by src/cmd/new/embed.sh while docent is built.
 */
#ifndef DOCENT_CMD_STARTER_H
#define DOCENT_CMD_STARTER_H

struct starter_file {
    const char *name; /* below the new folder, "tests/first.talk"; NULL ends the table */
    const char *text;
};

extern const struct starter_file starter_files[];

#endif
