/*
 * Any bytes as a pack: it is opened or refused with at least one problem, and what was opened answers.
 *
 * Bytes that do not begin with '{' are put behind a header, so that faults of the inside are reached.
 */
#include "../unit/packs.h"
#include "base/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_something(const struct docent *d)
{
    static const char *const questions[] = {
        "how much is it to rent a road bike", "and both?", "2", "why", "more", "the a", "i"};
    struct dialog dialog = {0};
    struct arena a = {0};
    for (size_t i = 0; i < COUNT(questions); i++) {
        struct reply *r = docent_ask_why(d, &dialog, str_of(questions[i]), &a);
        if (r->n_parts < 1 || r->n_parts > DOCENT_PARTS_MAX)
            abort();
        arena_reset(&a);
    }
    struct topic topics[4];
    struct source_ref sections[4];
    docent_topics(d, topics, COUNT(topics));
    docent_sections(d, sections, COUNT(sections));
    arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 16384)
        return 0;
    struct buf text;
    buf_init(&text, 1 << 20);
    if (!size || data[0] != '{')
        buf_adds(&text, "{" HEADER ", ");
    buf_add(&text, (struct str){(const char *)data, size});
    if (!size || data[0] != '{')
        buf_adds(&text, "}");
    struct source file = {STR("fuzz.json"), buf_str(&text)};
    struct pack_files pack = {STR("fuzz"), &file, 1};
    struct diags diags = {0};
    struct docent *d = docent_open(&pack, 1, (struct str){"", 0}, &diags);
    if (!d && !diags.errors)
        abort();
    if (d)
        ask_something(d);
    diags_sort(&diags);
    struct buf out;
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < diags.n && i < 50; i++)
        diag_print(&out, &diags.items[i], i % 2);
    buf_release(&out);
    docent_free(d);
    diags_release(&diags);
    buf_release(&text);
    return 0;
}
