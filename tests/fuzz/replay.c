/*
 * replay: gives a fuzz program every input of its corpus once, where libFuzzer is not there to drive it.
 *
 *     fuzz_json tests/fuzz/corpus/json [FILE or FOLDER...]
 *
 * Linked with one fuzz_<parser>.c. The name of each input is printed before it is tried, so that after a crash the
 * last name is the culprit. The empty input is tried always.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int tried;

static void die(const char *doing, const char *path)
{
    fprintf(stderr, "cannot %s '%s': %s\n", doing, path, strerror(errno));
    exit(74);
}

/* In memory of exactly its size, so that a sanitizer sees every read past the end. */
static void try_input(const char *name, const uint8_t *bytes, size_t size)
{
    printf("# %s\n", name);
    fflush(stdout);
    uint8_t *exact = malloc(size ? size : 1);
    if (!exact)
        die("hold", name);
    if (size)
        memcpy(exact, bytes, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    tried++;
}

static void try_file(const char *path)
{
    static uint8_t bytes[1 << 20];
    FILE *f = fopen(path, "rb");
    if (!f)
        die("open", path);
    size_t size = fread(bytes, 1, sizeof bytes, f);
    if (ferror(f))
        die("read", path);
    fclose(f);
    try_input(path, bytes, size);
}

static void try_folder(const char *path)
{
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, alphasort);
    if (n < 0 && errno == ENOTDIR) {
        try_file(path);
        return;
    }
    if (n < 0 && errno == ENOENT) /* a fuzz program without a corpus yet */
        return;
    if (n < 0)
        die("list", path);
    for (int i = 0; i < n; i++) {
        char file[4096];
        if (entries[i]->d_name[0] != '.') {
            snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
            try_file(file);
        }
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    try_input("(empty)", NULL, 0);
    for (int i = 1; i < argc; i++)
        try_folder(argv[i]);
    printf("ok %d inputs\n", tried);
    return 0;
}
