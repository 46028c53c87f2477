#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "net/http_client.h"
#include "net/url.h"

#include <stdio.h>

static const struct {
    int line;
    bool allowed;
    const char *text;
} allowed_rows[] = {
    {__LINE__, true, "https://slack.com/api/"},
    {__LINE__, true, "HTTPS://slack.com"},
    {__LINE__, true, "wss://wss-primary.slack.com/link/?ticket=a&app_id=b"},
    {__LINE__, true, "https://xn--caf-dma.example:8443/x?y#z"},
    {__LINE__, true, "https://[2001:db8::1]/"},
    {__LINE__, true, "http://localhost"},
    {__LINE__, true, "http://LocalHost:8080/x"},
    {__LINE__, true, "ws://127.0.0.1:1/"},
    {__LINE__, true, "http://127.255.0.9/"},
    {__LINE__, true, "http://[::1]:8080/"},
    /* not loopback, or not plainly so */
    {__LINE__, false, "http://slack.com/"},
    {__LINE__, false, "ws://slack.com/"},
    {__LINE__, false, "http://0.0.0.0/"},
    {__LINE__, false, "http://128.0.0.1/"},
    {__LINE__, false, "http://10.0.0.1/"},
    {__LINE__, false, "http://2130706433/"},
    {__LINE__, false, "http://0x7f000001/"},
    {__LINE__, false, "http://0x7f.0.0.1/"},
    {__LINE__, false, "http://127.1/"},
    {__LINE__, false, "http://127.0.1/"},
    {__LINE__, false, "http://127.0.0.01/"},
    {__LINE__, false, "http://0127.0.0.1/"},
    {__LINE__, false, "http://127.0.0.256/"},
    {__LINE__, false, "http://127.0.0.1.evil.example/"},
    {__LINE__, false, "http://127.0.0.1./"},
    {__LINE__, false, "http://127.0.0./"},
    {__LINE__, false, "http://127.0.0.1.1/"},
    {__LINE__, false, "http://localhost.evil.example/"},
    {__LINE__, false, "http://localhost./"},
    {__LINE__, false, "http://[::ffff:127.0.0.1]/"},
    {__LINE__, false, "http://[::2]/"},
    {__LINE__, false, "http://::1/"},
    {__LINE__, false, "http://[::1"},
    {__LINE__, false, "http://[::1]evil.example/"},
    /* who is asked? */
    {__LINE__, false, "http://127.0.0.1@evil.example/"},
    {__LINE__, false, "http://127.0.0.1:80@evil.example/"},
    {__LINE__, false, "http://localhost:x@evil.example/"},
    {__LINE__, false, "http://evil.example@127.0.0.1/"},
    {__LINE__, false, "http://evil.example#@127.0.0.1/"},
    {__LINE__, false, "http://evil.example?@127.0.0.1/"},
    {__LINE__, false, "http://evil.example/@127.0.0.1"},
    {__LINE__, false, "http://127.0.0.1\\@evil.example/"},
    {__LINE__, false, "http://127.0.0.1\\.evil.example/"},
    {__LINE__, false, "http://127.0.0.1%2eevil.example/"},
    {__LINE__, false, "http://127.0.0.1,evil.example/"},
    {__LINE__, false, "http:///127.0.0.1/"},
    {__LINE__, false, "https://user:secret@slack.com/"},
    /* not an address */
    {__LINE__, false, ""},
    {__LINE__, false, "https"},
    {__LINE__, false, "https:"},
    {__LINE__, false, "https://"},
    {__LINE__, false, "https:///x"},
    {__LINE__, false, "https://:443/"},
    {__LINE__, false, "https:/slack.com/"},
    {__LINE__, false, "slack.com"},
    {__LINE__, false, "//slack.com/"},
    {__LINE__, false, " https://slack.com/"},
    {__LINE__, false, "https://slack.com/ x"},
    {__LINE__, false, "https://slack.com/\r\nHost: evil"},
    {__LINE__, false, "https://sla\tck.com/"},
    {__LINE__, false, "https://caf\xC3\xA9.example/"},
    {__LINE__, false, "https://slack.com:/"},
    {__LINE__, false, "https://slack.com:0x50/"},
    {__LINE__, false, "https://slack.com:65536/"},
    {__LINE__, false, "https://slack.com:-1/"},
    {__LINE__, false, "https://slack.com:80:80/"},
    {__LINE__, false, "https://[]/"},
    {__LINE__, false, "https://[x]/"},
    {__LINE__, false, "ftp://127.0.0.1/"},
    {__LINE__, false, "file:///etc/passwd"},
    {__LINE__, false, "httpss://slack.com/"},
};

static void test_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof allowed_rows / sizeof *allowed_rows; i++)
        if (http_url_allowed(str_of(allowed_rows[i].text)) != allowed_rows[i].allowed)
            fail_msg("row of line %d: %s", allowed_rows[i].line, allowed_rows[i].text);
    assert_false(http_url_allowed(STR("http://127.0.0.1\0.evil.example/")));
    assert_false(http_url_allowed(STR("https://slack.com\0/")));
}

static const struct {
    int line;
    const char *text, *authority, *host, *port, *path;
    bool secure, loopback;
} parts_rows[] = {
    {__LINE__, "wss://gw.example/?v=10&x=/y", "gw.example", "gw.example", "", "/?v=10&x=/y", true, false},
    {__LINE__, "ws://127.0.0.1:8080/a/b?c#d", "127.0.0.1:8080", "127.0.0.1", "8080", "/a/b?c", false, true},
    {__LINE__, "https://[::1]:1", "[::1]:1", "[::1]", "1", "", true, true},
    {__LINE__, "https://[::1]", "[::1]", "[::1]", "", "", true, true},
    {__LINE__, "https://a.example?x=http://b.example", "a.example", "a.example", "", "?x=http://b.example", true,
     false},
    {__LINE__, "https://a.example#/x", "a.example", "a.example", "", "", true, false},
};

static void test_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof parts_rows / sizeof *parts_rows; i++) {
        struct url url;
        if (!url_parse(str_of(parts_rows[i].text), &url) || !str_is(url.authority, parts_rows[i].authority) ||
            !str_is(url.host, parts_rows[i].host) || !str_is(url.port, parts_rows[i].port) ||
            !str_is(url.path, parts_rows[i].path) || url.secure != parts_rows[i].secure ||
            url.loopback != parts_rows[i].loopback)
            fail_msg("row of line %d", parts_rows[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
