#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/posts.h"

static struct posts three_posts(void)
{
    return (struct posts){
        .items = {{STR("C1"), STR("POST"), STR("chat.postMessage"), STR("{\"text\": \"a\0b\"}"), true},
                  {STR(""), STR(""), STR(""), STR(""), false},
                  {STR("https://hooks.slack.com/x"), STR("PATCH"), STR("r"), STR("{}"), false}},
        .n = 3,
    };
}

static void test_posts_come_back_as_they_were(void **state)
{
    (void)state;
    struct arena a = {0};
    struct posts three = three_posts(), out;
    assert_true(posts_unpack(posts_pack(&three, &a), &out));
    assert_int_equal(out.n, 3);
    for (size_t i = 0; i < out.n; i++) {
        assert_true(str_eq(out.items[i].lane, three.items[i].lane));
        assert_true(str_eq(out.items[i].method, three.items[i].method));
        assert_true(str_eq(out.items[i].route, three.items[i].route));
        assert_true(str_eq(out.items[i].body, three.items[i].body));
        assert_int_equal(out.items[i].again, three.items[i].again);
    }
    arena_release(&a);
}

/* A damaged file must not make docent read beyond its bytes. */
static void test_broken_bytes_are_refused(void **state)
{
    (void)state;
    struct arena a = {0};
    struct posts three = three_posts(), out;
    struct str whole = posts_pack(&three, &a);
    size_t readable = 0;
    for (size_t n = 0; n < whole.n; n++)
        readable += posts_unpack(arena_str(&a, str_sub(whole, 0, n)), &out);
    assert_int_equal(readable, 3); /* where none, one or two posts end */
    for (size_t i = 0; i < whole.n; i++) {
        char *bytes = (char *)(uintptr_t)arena_str(&a, whole).p;
        bytes[i] ^= (char)0xFF;
        posts_unpack((struct str){bytes, whole.n}, &out);
        assert_true(out.n <= POSTS_MAX);
    }
    struct posts most = {.n = POSTS_MAX};
    struct str packed = posts_pack(&most, &a);
    assert_true(posts_unpack(packed, &out));
    assert_int_equal(out.n, POSTS_MAX);
    char *more = arena_alloc(&a, 2 * packed.n);
    for (size_t i = 0; i < packed.n; i++)
        more[i] = packed.p[i];
    assert_false(posts_unpack((struct str){more, packed.n + 17}, &out)); /* one post too many */
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_posts_come_back_as_they_were),
        cmocka_unit_test(test_broken_bytes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
