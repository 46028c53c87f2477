/* Opening packs, and looking around in them: see docent.h. */
#include "docent.h"

#include "engine/classify.h"
#include "engine/model.h"
#include "engine/pack.h"
#include "engine/pattern.h"
#include "engine/teach.h"
#include "engine/understand.h"
#include "engine/pattern_names.h"

#include <stdlib.h>
#include <string.h>

uint64_t docent_fingerprint(const struct pack_files *packs, size_t n_packs)
{
    uint64_t hash = str_hash(STR("docent 1"));
    for (size_t p = 0; p < n_packs; p++)
        for (size_t f = 0; f < packs[p].n; f++)
            hash = str_hash_much(str_hash_more(hash, STR("\1")), packs[p].files[f].text);
    return hash;
}

struct docent *docent_open(const struct pack_files *packs, size_t n_packs, struct str model, struct diags *diags)
{
    size_t errors = diags->errors;
    struct docent *d = calloc(1, sizeof *d);
    if (!d)
        abort();
    d->fingerprint = docent_fingerprint(packs, n_packs);
    d->examples_dropped = model_is_of(model, d->fingerprint);
    d->patterns = patterns_new(&d->arena);
    packs_load(d, packs, n_packs, diags);
    d->classifier = classifier_of(d, model, &d->arena);
    if (d->classifier && !taught_read(d, classifier_taught(d->classifier)))
        d->classifier = NULL;
    if (!d->classifier) {
        lexicon_init(&d->lexicon, &d->arena);
        packs_read_examples(d, diags);
        packs_read_words(d);
        patterns_read(d, diags);
        teach(d);
    }
    d->pattern_names = pattern_names_new(d, &d->arena);
    if (diags->errors == errors && !d->classifier) { /* a model that fits comes of these packs without a fault */
        patterns_index(d);
        patterns_compile(d, diags, false);
    }
    if (diags->errors > errors) {
        docent_free(d);
        return NULL;
    }
    lexicon_done(&d->lexicon);
    lexicon_order(&d->lexicon);
    d->speller = speller_new(&d->lexicon, &d->arena);
    d->tags = arena_array(&d->arena, d->n_groups + d->n_entities + d->n_values, sizeof *d->tags);
    d->model_was_used = d->classifier != NULL;
    if (!d->classifier)
        d->classifier = classifier_train(d, &d->arena);
    size_t examples = 0, taught = 0;
    for (size_t i = 0; i < d->n_intents; i++) {
        examples += d->intents[i].n_examples;
        taught += d->intents[i].n_examples > 0;
    }
    d->trust = trust_in_examples(examples, taught);
    return d;
}

void docent_free(struct docent *d)
{
    if (!d)
        return;
    patterns_free(d->patterns);
    pattern_names_free(d->pattern_names);
    lexicon_done(&d->lexicon);
    arena_release(&d->arena);
    free(d);
}

struct str docent_model(const struct docent *d)
{
    return classifier_model(d->classifier);
}

bool docent_model_was_used(const struct docent *d)
{
    return d->model_was_used;
}

size_t docent_topics(const struct docent *d, struct topic *out, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n_intents; i++) {
        const struct intent *intent = &d->intents[i];
        if (intent->kind != KIND_ANSWER || intent->question == NONE)
            continue;
        struct topic t = {.id = intent->id,
                          .title = intent->title,
                          .question = d->suggestions[intent->question],
                          .pack = d->packs[intent->pack].name};
        for (size_t b = 0; b < intent->n_branches && !t.section.n; b++)
            if (intent->branches[b].n_sources) {
                const struct section *s = &d->sections[intent->branches[b].sources[0]];
                t.section = s->id;
                t.heading = s->heading;
            }
        if (n < max)
            out[n] = t;
        n++;
    }
    return n;
}

size_t docent_suggestions(const struct docent *d, struct str *out, size_t max)
{
    for (size_t i = 0; i < d->n_suggestions && i < max; i++)
        out[i] = d->suggestions[i];
    return d->n_suggestions;
}

size_t docent_sections(const struct docent *d, struct source_ref *out, size_t max)
{
    for (size_t i = 0; i < d->n_sections && i < max; i++)
        out[i] = (struct source_ref){d->sections[i].id, d->sections[i].heading, d->packs[d->sections[i].pack].name};
    return d->n_sections;
}

struct str docent_title(const struct docent *d)
{
    return d->packs[0].title;
}

struct str docent_version(const struct docent *d)
{
    return d->packs[0].version;
}
