/*
 * packs: small packs for tests, so that these do not depend on what stands in intents/.
 *
 *     struct shop shop;
 *     shop_open(&shop, 0);
 *     … shop.docent …
 *     shop_close(&shop);
 *
 * The shop is a bicycle shop: two kinds of bike that carry over, terms of rental, parts to be repaired. A pack of one
 * file with any members comes from one_open.
 */
#ifndef DOCENT_TESTS_PACKS_H
#define DOCENT_TESTS_PACKS_H

#include "base/buf.h"
#include "base/diag.h"
#include "docent.h"

#include <stdio.h>
#include <string.h>

#define HEADER "\"pack\": {\"name\": \"t\", \"title\": \"T\"}"
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* --- pieces ------------------------------------------------------------------------------------------------- */

static const char *const shop_members[] = {
    "\"pack\": {\"name\": \"shop\", \"title\": \"A bicycle shop\", \"version\": \"1\",\n"
    "  \"messages\": {\"decline\": [\"No page of ours tells.\"], \"decline_near\": [\"Not that, but:\"],\n"
    "               \"clarify\": [\"Which lesson?\"], \"unclear\": [\"Come again?\"]},\n"
    "  \"next\": [\"When are you open?\"]}",

    "\"sections\": [{\"id\": \"hours\", \"heading\": \"When we are there\"}, {\"id\": \"rental\", \"heading\": \"Bikes to rent\"},\n"
    "  {\"id\": \"repair\", \"heading\": \"The workshop\"}, {\"id\": \"lessons\", \"heading\": \"Learning to ride\"}]",

    "\"facts\": {\"rental\": {\"city-day\": \"$18\", \"city-week\": \"$70\", \"road-day\": \"$35\", \"road-week\": \"$140\",\n"
    "                      \"deposit\": \"$100\"},\n"
    "  \"repair\": {\"brake-price\": \"$25\", \"chain-price\": \"$30\", \"tyre-price\": \"$12\",\n"
    "             \"stock\": [\"brakes\", \"chains\", \"tyres\"], \"pair\": [\"grease\", \"oil\"], \"single\": [\"patches\"]},\n"
    "  \"hours\": {\"weekdays\": \"9 to 18\", \"weekend\": \"10 to 16\"},\n"
    "  \"lessons\": {\"child\": \"on Saturdays\", \"adult\": \"on Sundays\"}}",

    "\"entities\": {\n"
    "  \"bike\": {\"carry\": true, \"values\": {\n"
    "    \"city\": {\"label\": \"city bike\", \"people\": \"commuters\", \"phrases\": [\"city bike\", \"town bicycle\", \"commuter\"]},\n"
    "    \"road\": {\"label\": \"road bike\", \"people\": \"racers\", \"phrases\": [\"road bike\", \"racing bicycle\", \"racer\"]}}},\n"
    "  \"term\": {\"values\": {\"day\": {\"label\": \"day\", \"phrases\": [\"day\", \"daily\"]},\n"
    "                       \"week\": {\"label\": \"week\", \"phrases\": [\"week\", \"weekly\"]}}},\n"
    "  \"part\": {\"values\": {\"brake\": {\"label\": \"the brakes\", \"phrases\": [\"brake\", \"brake pad\"]},\n"
    "                       \"chain\": {\"label\": \"the chain\", \"phrases\": [\"chain\"]},\n"
    "                       \"tyre\": {\"label\": \"a tyre\", \"phrases\": [\"tyre\", \"puncture\", \"flat\"]}}}}",

    "\"words\": {\"cost\": [\"price\", \"cost\", \"rate\", \"how much\", \"charge\"], \"rent\": [\"rent\", \"hire\", \"rental\"],\n"
    "  \"fix\": [\"repair\", \"fix\", \"mend\"], \"deal\": [\"<rent>\", \"<fix>\"]}",

    "\"replace\": {\"cycle hire\": \"rental\", \"velo\": \"bike\", \"cbk\": \"city bike\"}",
};

static const char *const shop_intents[] = {
    "{\"id\": \"rental-price\", \"title\": \"Price of renting\", \"slots\": [\"bike\", \"term\"], \"compares\": \"bike\", \"why\": \"rental-why\", \"more\": \"deposit\",\n"
    "  \"patterns\": [\"<rent> & <cost>\", \"<cost> & <bike>\", \"<rent> & <bike> & <term>\", \"how much (do|would) it cost to <rent>\"],\n"
    "  \"examples\": [\"How much is it to rent a city bike for a day?\", \"rental price of a road bike\", \"what do you charge for hiring a bicycle\",\n"
    "               \"cost of a commuter for a week\", \"racing bicycle rental rate\", \"weekly price to hire a racer\", \"what does renting cost\"],\n"
    "  \"answers\": [{\"when\": {\"bike\": \"*\", \"term\": \"*\"}, \"text\": \"A {bike.label} is **{rental.<bike>-<term>}** a {term.label}.\",\n"
    "               \"next\": [\"How much is the deposit?\", \"When are you open?\"]},\n"
    "    {\"when\": {\"bike\": \"road\"}, \"text\": \"Road: {rental.road-day} or {rental.road-week}, for {bike.people}.\"},\n"
    "    {\"when\": {\"bike\": [\"city\", \"road\"]}, \"text\": \"{bike}: {rental.city-day} and {rental.road-day}.\"},\n"
    "    {\"text\": \"From {rental.city-day}.\", \"next\": [\"How much is the deposit?\"]}]}",

    "{\"id\": \"rental-why\", \"title\": \"Why renting costs what it does\", \"slots\": [\"bike\"],\n"
    "  \"patterns\": [\"why & <rent> & (expensive|cost|price)\"],\n"
    "  \"after\": [{\"intents\": [\"rental-price\"], \"patterns\": [\"^(how come|what makes it) (expensive)?\"]}],\n"
    "  \"examples\": [\"Why is renting so expensive?\", \"why does hiring a bike cost that much\", \"reason for the rental price\", \"why do rentals cost so much\"],\n"
    "  \"answers\": [{\"text\": \"Because bikes wear.\", \"or\": [\"Wear and tear.\"], \"sources\": [\"rental\"]}]}",

    "{\"id\": \"deposit\", \"title\": \"The deposit\", \"patterns\": [\"deposit\", \"security & (pay|leave)\"],\n"
    "  \"examples\": [\"How much is the deposit?\", \"do I leave a deposit\", \"security payment for a bike\", \"is there a deposit\", \"deposit amount\"],\n"
    "  \"answers\": [{\"text\": \"The deposit is {rental.deposit}.\"}]}",

    "{\"id\": \"repair-price\", \"title\": \"Price of a repair\", \"slots\": [\"part\"], \"ask\": {\"part\": \"Which part is it?\"},\n"
    "  \"patterns\": [\"<fix> & <cost>\", \"<fix> & <part>\", \"<cost> & <part>\"],\n"
    "  \"examples\": [\"What does it cost to repair a tyre?\", \"fix my brakes\", \"mend a puncture price\", \"chain repair cost\", \"how much to fix a flat\",\n"
    "               \"what do you charge for a repair\", \"price for mending brakes\"],\n"
    "  \"answers\": [{\"when\": {\"part\": \"*\"}, \"text\": \"For {part.label}: {repair.<part>-price}.\", \"next\": [\"Which parts do you stock?\"]}]}",

    "{\"id\": \"stock\", \"title\": \"Parts in stock\", \"patterns\": [\"(which|what) part\", \"(part|spare) & (stock|keep|sell)\"],\n"
    "  \"examples\": [\"Which parts do you stock?\", \"what spare parts do you sell\", \"do you keep spares\", \"parts in stock\", \"list of spare parts\"],\n"
    "  \"answers\": [{\"text\": [\"We keep:\", \"- {repair.stock}\", \"\", \"Also {repair.pair}, {repair.single} and {repair.stock}.\"]}]}",

    "{\"id\": \"hours\", \"title\": \"Opening hours\", \"patterns\": [\"(when|what time|hours|until) & (open|close|opening)\", \"opening hour\"],\n"
    "  \"examples\": [\"When are you open?\", \"opening hours\", \"what time do you close\", \"are you open on weekends\", \"shop hours\", \"until when are you open\"],\n"
    "  \"answers\": [{\"text\": \"We are open {hours.weekdays} on weekdays, {hours.weekend} at weekends.\"}]}",

    "{\"id\": \"lesson-adult\", \"title\": \"Lessons for adults\", \"patterns\": [\"lesson & (when|time|which)\", \"adult & lesson\"],\n"
    "  \"examples\": [\"adult lesson\", \"when is the adult lesson\", \"lesson for an adult\"],\n"
    "  \"answers\": [{\"text\": \"Adults learn {lessons.adult}.\"}]}",

    "{\"id\": \"lesson-child\", \"title\": \"Lessons for children\", \"patterns\": [\"lesson & (when|time|which)\", \"child & lesson\"],\n"
    "  \"examples\": [\"child lesson\", \"when is the child lesson\", \"lesson for a child\"],\n"
    "  \"answers\": [{\"text\": \"Children learn {lessons.child}.\"}]}",

    "{\"id\": \"delivery\", \"title\": \"Delivery\", \"kind\": \"decline\", \"slots\": [\"bike\"], \"patterns\": [\"(deliver|delivery|ship|shipping) & (<bike>|<rent>|bicycle|home|house)\"],\n"
    "  \"examples\": [\"Do you deliver to my home?\", \"shipping a bike to my house\", \"can a rental be delivered\", \"home delivery\"],\n"
    "  \"answers\": [{\"text\": \"We tell nothing about delivery.\", \"next\": [\"When are you open?\"]}]}",

    "{\"id\": \"hello\", \"kind\": \"chat\", \"patterns\": [\"^(hello|hi|hey|good morning)$\"], \"examples\": [\"hello\", \"hi\", \"good morning\", \"hey\"],\n"
    "  \"answers\": [{\"text\": \"Hello!\"}]}",

    "{\"id\": \"thanks\", \"kind\": \"chat\", \"patterns\": [\"^(thanks|thank you|cheers)$\"], \"examples\": [\"thanks\", \"thank you\", \"cheers\"],\n"
    "  \"answers\": [{\"text\": \"Any time.\"}]}",
};

/* --- opening ------------------------------------------------------------------------------------------------ */

enum { SHOP_FILES = 4 };

struct shop {
    struct buf texts[SHOP_FILES];
    struct source files[SHOP_FILES];
    struct pack_files pack;
    struct diags diags;
    struct docent *docent;
};

static inline uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
    return *seed >> 8;
}

/* Order 0: as written. Any other number shuffles what stands in which file, and in which place. */
static inline void shop_write(struct shop *s, uint32_t order)
{
    static const char *const names[SHOP_FILES] = {"a.json", "b.json", "c.json", "d.json"};
    size_t at[COUNT(shop_intents)], of_file[COUNT(shop_intents)], of_member[COUNT(shop_members)];
    uint32_t seed = order;
    for (size_t i = 0; i < COUNT(at); i++) {
        at[i] = i;
        of_file[i] = order ? next_random(&seed) % SHOP_FILES : 1 + i % 3;
    }
    for (size_t i = 0; i < COUNT(of_member); i++)
        of_member[i] = order ? next_random(&seed) % SHOP_FILES : 0;
    for (size_t i = COUNT(at); order && --i > 0;) {
        size_t k = next_random(&seed) % (i + 1), kept = at[i];
        at[i] = at[k], at[k] = kept;
    }
    *s = (struct shop){.pack = {STR("shop"), s->files, SHOP_FILES}};
    for (size_t f = 0; f < SHOP_FILES; f++) {
        struct buf *b = &s->texts[f];
        buf_init(b, 1 << 20);
        buf_adds(b, "{\"$schema\": \"x\"");
        for (size_t i = 0; i < COUNT(of_member); i++)
            if (of_member[i] == f)
                buf_addf(b, ",\n%s", shop_members[i]);
        buf_adds(b, ",\n\"intents\": [");
        size_t n = 0;
        for (size_t i = 0; i < COUNT(at); i++)
            if (of_file[at[i]] == f)
                buf_addf(b, "%s%s", n++ ? ",\n" : "", shop_intents[at[i]]);
        buf_adds(b, "]}\n");
        s->files[f] = (struct source){str_of(names[f]), buf_str(b)};
    }
}

static inline void print_diags(const struct diags *diags)
{
    struct buf out;
    buf_init(&out, 100000);
    buf_adds(&out, "");
    for (size_t i = 0; i < diags->n; i++)
        diag_print(&out, &diags->items[i], false);
    fprintf(stderr, "%s", out.p);
    buf_release(&out);
}

static inline void shop_open(struct shop *s, uint32_t order)
{
    shop_write(s, order);
    s->docent = docent_open(&s->pack, 1, STR(""), &s->diags);
    print_diags(&s->diags);
}

static inline void shop_close(struct shop *s)
{
    docent_free(s->docent);
    diags_release(&s->diags);
    for (size_t f = 0; f < SHOP_FILES; f++)
        buf_release(&s->texts[f]);
}

struct one { /* a pack of one file */
    struct buf text;
    struct source file;
    struct pack_files pack;
    struct diags diags;
    struct docent *docent; /* NULL: see diags */
};

/* members: what stands beside the header, in JSON with ' for " */
static inline void one_open(struct one *o, const char *members)
{
    *o = (struct one){.pack = {STR("one"), &o->file, 1}};
    buf_init(&o->text, 1 << 20);
    buf_adds(&o->text, "{" HEADER);
    buf_adds(&o->text, *members ? ", " : "");
    for (; *members; members++)
        buf_addc(&o->text, *members == '\'' ? '"' : *members);
    buf_adds(&o->text, "}");
    o->file = (struct source){STR("one.json"), buf_str(&o->text)};
    o->docent = docent_open(&o->pack, 1, STR(""), &o->diags);
}

static inline void one_close(struct one *o)
{
    docent_free(o->docent);
    diags_release(&o->diags);
    buf_release(&o->text);
}

#endif
