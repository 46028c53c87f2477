/*
 * mkwords: an ordinary English word list -> a table in C that tells whether a word is on it.
 *
 *     mkwords /usr/share/dict/american-english > wordtable.c
 *
 * The table is a Bloom filter: small (some 12 bits a word), quick, and wrong only in the harmless direction. A word that
 * passes although it is not on the list, one in about 300, is merely not corrected. Runs when docent is built.
 */
#include "base/str.h"
#include "engine/words/wordtable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BITS_A_WORD = 12 };

static size_t read_word(FILE *in, char word[64])
{
    char line[256];
    while (fgets(line, sizeof line, in)) {
        size_t n = 0;
        bool letters = true;
        for (char *p = line; *p && *p != '\n' && *p != '\r'; p++) {
            letters = letters && ch_alpha(*p) && n < 63;
            if (letters)
                word[n++] = ch_lower(*p);
        }
        if (letters && n > 1)
            return n;
    }
    return 0;
}

int main(int argc, char **argv)
{
    FILE *in = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (!in) {
        fprintf(stderr, "mkwords: cannot read the word list '%s'\n", argc == 2 ? argv[1] : "(none given)");
        return 66;
    }
    char word[64];
    size_t words = 0, n;
    while (read_word(in, word))
        words++;
    size_t bits = (words * BITS_A_WORD | 63) + 1;
    unsigned char *table = calloc(bits / 8, 1);
    if (!table || words < 1000) {
        fprintf(stderr, "mkwords: '%s' holds %zu words; that is no word list\n", argv[1], words);
        free(table);
        fclose(in);
        return 65;
    }
    rewind(in);
    while ((n = read_word(in, word)) > 0)
        for (unsigned k = 0; k < WORDTABLE_HASHES; k++) {
            size_t bit = wordtable_bit((struct str){word, n}, k, bits);
            table[bit / 8] |= (unsigned char)(1 << bit % 8);
        }
    fclose(in);
    printf("/* made by mkwords of a list of %zu words */\n", words);
    printf(
        "#include \"engine/words/wordtable.h\"\n\nconst size_t wordtable_bits = %zu;\nconst unsigned char wordtable[] = {",
        bits);
    for (size_t i = 0; i < bits / 8; i++)
        printf("%s%u,", i % 24 ? "" : "\n    ", table[i]);
    printf("\n};\n");
    free(table);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 74;
}
