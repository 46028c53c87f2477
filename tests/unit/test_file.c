#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place { /* a scratch folder */
    char folder[64];
    struct arena a;
};

static const char *path_of(struct place *p, const char *name)
{
    return arena_fmt(&p->a, "%s/%s", p->folder, name).p;
}

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    strcpy(p->folder, "/tmp/test_file.XXXXXX");
    *state = p;
    return mkdtemp(p->folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
    int status = system(command);
    arena_release(&p->a);
    free(p);
    return status;
}

static void test_write_then_read(void **state)
{
    struct place *p = *state;
    static const struct str texts[] = {{"", 0}, {"a\0b\n", 4}, {"\xFF", 1}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct err err = {.status = -1};
        struct str got;
        assert_true(file_write(path_of(p, "x"), texts[i], &err));
        assert_true(file_read(path_of(p, "x"), 100, &p->a, &got, &err));
        assert_true(str_eq(got, texts[i]));
        assert_int_equal(got.p[got.n], '\0');
        assert_true(file_map(path_of(p, "x"), 100, &got, &err));
        assert_true(str_eq(got, texts[i]));
        file_unmap(got);
        assert_int_equal(err.status, -1); /* untouched on success */
    }
}

static void test_nothing_is_left_beside(void **state)
{
    struct place *p = *state;
    struct str *names;
    size_t n;
    struct err err;
    assert_true(file_write(path_of(p, "x"), STR("1"), &err));
    assert_true(file_write(path_of(p, "x"), STR("2"), &err));
    assert_false(file_write(path_of(p, "missing/x"), STR("2"), &err));
    assert_int_equal(err.status, STATUS_IO);
    assert_true(file_names(p->folder, "", &p->a, &names, &n, &err));
    assert_int_equal(n, 1);
}

static void test_read_faults(void **state)
{
    struct place *p = *state;
    struct err err = {0};
    struct str got;
    assert_false(file_read(path_of(p, "none"), 10, &p->a, &got, &err));
    assert_int_equal(err.status, STATUS_NO_INPUT);
    assert_non_null(strstr(err.text, "none': No such file"));
    assert_false(file_read(p->folder, 10, &p->a, &got, &err));
    assert_non_null(strstr(err.text, "not a regular file"));
    assert_true(file_write(path_of(p, "long"), STR("12345678901"), NULL));
    assert_false(file_read(path_of(p, "long"), 10, &p->a, &got, &err));
    assert_int_equal(err.status, STATUS_DATA);
    assert_false(file_read(path_of(p, "none"), 10, &p->a, &got, NULL));
}

static void test_a_named_pipe_does_not_block(void **state)
{
    struct place *p = *state;
    struct err err;
    struct str got;
    assert_int_equal(mkfifo(path_of(p, "pipe"), 0600), 0);
    assert_false(file_read(path_of(p, "pipe"), 10, &p->a, &got, &err));
}

static void test_names(void **state)
{
    struct place *p = *state;
    static const char *const made[] = {"b.json", "a.json", ".hidden.json", "c.txt", "B.json"};
    static const char *const expected[] = {"B.json", "a.json", "b.json"};
    struct str *names;
    size_t n;
    struct err err;
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        assert_true(file_write(path_of(p, made[i]), STR("{}"), &err));
    assert_true(file_names(p->folder, ".json", &p->a, &names, &n, &err));
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++)
        assert_true(str_is(names[i], expected[i]));
    assert_true(file_names(p->folder, ".none", &p->a, &names, &n, &err));
    assert_int_equal(n, 0);
    assert_false(file_names(path_of(p, "none"), "", &p->a, &names, &n, &err));
    assert_int_equal(err.status, STATUS_NO_INPUT);
}

static void test_folders(void **state)
{
    struct place *p = *state;
    struct err err;
    const char *deep = path_of(p, "a/b/c");
    assert_false(file_is_folder(deep));
    assert_true(file_make_folders(deep, &err));
    assert_true(file_make_folders(deep, &err));
    assert_true(file_is_folder(deep));
    struct stat st;
    assert_int_equal(stat(deep, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_true(file_write(path_of(p, "f"), STR(""), &err));
    assert_false(file_is_folder(path_of(p, "f")));
    assert_false(file_make_folders(path_of(p, "f/g"), &err));
    assert_int_equal(err.status, STATUS_IO);
}

static void test_lines(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool cut;
    } expected[] = {{"one", false}, {"", false}, {"1234567", false}, {"1234567", true}, {"cr", false}, {"last", false}};
    char input[] = "one\n\n1234567\n12345678\ncr\r\nlast";
    FILE *in = fmemopen(input, sizeof input - 1, "r");
    struct buf line;
    bool cut;
    buf_init(&line, 7);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_true(file_line(in, &line, &cut));
        assert_string_equal(line.p, expected[i].text);
        assert_int_equal(cut, expected[i].cut);
    }
    assert_false(file_line(in, &line, &cut));
    buf_release(&line);
    fclose(in);
}

#define IN_SCRATCH(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_write_then_read), IN_SCRATCH(test_nothing_is_left_beside),
        IN_SCRATCH(test_read_faults),     IN_SCRATCH(test_a_named_pipe_does_not_block),
        IN_SCRATCH(test_names),           IN_SCRATCH(test_folders),
        cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
