/* Any bytes as a conversation: a line is a message (past byte 0xFE too). Replies keep what docent.h promises. */
#include "../unit/packs.h"
#include "base/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct reply *r)
{
    bool good = r->n_parts >= 1 && r->n_parts <= DOCENT_PARTS_MAX && r->n_suggestions <= DOCENT_SUGGEST_MAX &&
                r->outcome <= OUTCOME_CHAT && r->why->n_questions <= DOCENT_PARTS_MAX;
    for (size_t i = 0; good && i < r->n_parts; i++) {
        const struct part *p = &r->parts[i];
        good = p->outcome <= OUTCOME_CHAT && p->text.n && utf8_valid(p->text) && p->n_slots <= DOCENT_SLOTS_MAX &&
               p->n_sources <= DOCENT_SOURCES_MAX && p->score >= 0 && p->score <= 1;
    }
    for (size_t i = 0; good && i < r->n_suggestions; i++)
        good = r->suggestions[i].n && utf8_valid(r->suggestions[i]);
    for (size_t i = 0; good && i < r->why->n_corrections; i++)
        good = utf8_valid(r->why->corrections[i].from) && utf8_valid(r->why->corrections[i].to);
    if (!good)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct shop shop;
    if (!shop.docent)
        shop_open(&shop, 0);
    if (size > 20000)
        return 0;
    struct dialog dialog = {0};
    struct arena a = {0};
    size_t from = 0, turns = 0;
    for (size_t i = 0; i <= size && turns < 12; i++)
        if (i == size || data[i] == '\n' || data[i] == 0xFE) {
            check(docent_ask_why(shop.docent, &dialog, (struct str){(const char *)data + from, i - from}, &a));
            arena_reset(&a);
            from = i + 1;
            turns++;
        }
    arena_release(&a);
    return 0;
}
