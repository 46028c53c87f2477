/* Any bytes as a file of talks: parsed or refused; what was parsed is played against the shop, blessed, and parsed again. */
#include "../unit/packs.h"
#include "cmd/talk.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct shop shop;
    if (!shop.docent)
        shop_open(&shop, 0);
    if (size > 4096)
        return 0;
    struct source source = {STR("fuzz.talk"), {(const char *)data, size}};
    struct talk_file file = {0}, again = {0};
    struct talk_run run = {0};
    struct diags diags = {0};
    struct arena a = {0};
    talk_parse(&source, shop.docent, &a, &file, &diags);
    talk_play(&file, STR(""), shop.docent, &a, &run);
    if (run.passed + run.failed != run.n)
        abort();
    size_t blessed = 0;
    struct source mended = {STR("mended.talk"), talk_bless(&file, &run, &a, &blessed)};
    talk_parse(&mended, shop.docent, &a, &again, &diags);
    talk_release(&again);
    talk_release(&file);
    struct buf out;
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < diags.n && i < 50; i++)
        diag_print(&out, &diags.items[i], false);
    buf_release(&out);
    diags_release(&diags);
    arena_release(&a);
    return 0;
}
