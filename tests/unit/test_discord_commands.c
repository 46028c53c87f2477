#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/discord_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool differ(const char *there, bool one_server, const char *lines)
{
    struct buf out;
    cJSON *tree = json_parse(str_of(there), NULL);
    assert_non_null(tree);
    buf_init(&out, 10000);
    buf_adds(&out, "");
    bool result = discord_commands_differ(tree, one_server, &out);
    assert_string_equal(out.p, lines);
    buf_release(&out);
    cJSON_Delete(tree);
    return result;
}

static void test_nothing_there(void **state)
{
    (void)state;
    assert_true(differ("[]", false, "new     /ask\nnew     /topics\n"));
}

/* What Discord gives back has ids and defaults besides: no reason to write again. */
static void test_unchanged(void **state)
{
    (void)state;
    for (int one_server = 0; one_server < 2; one_server++) {
        cJSON *tree = json_parse(discord_commands_json(one_server), NULL), *command;
        assert_int_equal(cJSON_GetArraySize(tree), 2);
        cJSON_ArrayForEach(command, tree) {
            cJSON_AddStringToObject(command, "id", "12");
            cJSON_AddNullToObject(command, "default_member_permissions");
        }
        char *text = cJSON_PrintUnformatted(tree);
        assert_false(differ(text, one_server, ""));
        free(text);
        cJSON_Delete(tree);
    }
}

static char *edited(const char *from, const char *to)
{
    struct str json = discord_commands_json(false);
    static char text[4000];
    const char *at = strstr(json.p, from);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - json.p), json.p, to, at + strlen(from));
    return text;
}

static void test_changed(void **state)
{
    (void)state;
    assert_true(differ(edited("\"max_length\":300", "\"max_length\":200"), false, "changed /ask\n"));
    assert_true(differ(edited("\"required\":true", "\"required\":false"), false, "changed /ask\n"));
    assert_true(differ(edited("What can be asked", "Topics"), false, "changed /topics\n"));
    assert_true(differ(edited("\"name\":\"private\"", "\"name\":\"secret\""), false, "changed /ask\n"));
    assert_true(differ(edited(",\"options\":[", ",\"options\":[{\"name\":\"more\"},"), false, "changed /ask\n"));
    assert_true(differ(edited("\"name\":\"topics\"", "\"name\":\"old\""), false, "new     /topics\nremoved /old\n"));
    assert_true(differ("{}", false, "new     /ask\nnew     /topics\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_there),
        cmocka_unit_test(test_unchanged),
        cmocka_unit_test(test_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
