/* A small pack about a bicycle shop, so that tests of the engine rest on no pack of the project. */
#ifndef DOCENT_TESTS_SMALL_PACK_H
#define DOCENT_TESTS_SMALL_PACK_H

#include "docent.h"

static const char small_pack_base[] =
    "{ // comments are allowed\n"
    "\"pack\": {\"name\": \"shop\", \"title\": \"The bicycle shop\", \"version\": \"1\",\n"
    "  \"messages\": {\"decline\": \"Not in our leaflet.\", \"clarify\": \"Which one?\"},\n"
    "  \"next\": [\"When are you open?\"]},\n"
    "\"sections\": [{\"id\": \"prices\", \"heading\": \"Prices\"}, {\"id\": \"hours\", \"heading\": \"Opening hours\"}],\n"
    "\"facts\": {\"prices\": {\"repair-road\": \"40 euros\", \"repair-city\": \"30 euros\", \"included\": [\"oil\", \"air\", \"a wash\"]},\n"
    "  \"hours\": {\"days\": \"Tuesday to Saturday\"}},\n"
    "\"entities\": {\"bike\": {\"carry\": true, \"values\": {\n"
    "  \"road\": {\"label\": \"road bike\", \"phrases\": [\"road bike\", \"racer\"], \"plural\": \"road bikes\"},\n"
    "  \"city\": {\"label\": \"city bike\", \"phrases\": [\"city bike\", \"commuter bike\"], \"plural\": \"city bikes\"}}}},\n"
    "\"words\": {\"fix\": [\"repair\", \"mend\", \"fix\", \"service\"], \"cost\": [\"cost\", \"price\", \"how much\", \"charge\"]}\n"
    "}\n";

static const char small_pack_intents[] =
    "{\"intents\": [\n"
    " {\"id\": \"repair-price\", \"title\": \"Repair prices\", \"slots\": [\"bike\"], \"more\": \"included\",\n"
    "  \"patterns\": [\"<cost> & <fix>\", \"what do (it|you) (cost|charge) for <bike>\"],\n"
    "  \"examples\": [\"How much is a repair?\", \"price of a service\", \"what do you charge to mend a racer\"],\n"
    "  \"answers\": [\n"
    "   {\"when\": {\"bike\": \"*\"}, \"text\": \"A repair of {bike.plural} costs **{prices.repair-<bike>}**.\", \"next\": [\"When are you open?\"]},\n"
    "   {\"text\": [\"Road bikes {prices.repair-road}, city bikes {prices.repair-city}.\"]}]},\n"
    " {\"id\": \"included\", \"title\": \"What a service holds\",\n"
    "  \"patterns\": [\"(what|which) ... included\", \"what do <fix> (include|contain)\"],\n"
    "  \"examples\": [\"What is included in a service?\", \"does the service contain a wash\"],\n"
    "  \"answers\": [{\"text\": [\"A service holds:\", \"- {prices.included}\"]}]},\n"
    " {\"id\": \"hours\", \"title\": \"Opening hours\",\n"
    "  \"patterns\": [\"(when|what time|which day) ... (open|opened)\", \"opening (hours|times)\"],\n"
    "  \"after\": [{\"intents\": [\"repair-price\"], \"patterns\": [\"^when$\"]}],\n"
    "  \"examples\": [\"When are you open?\", \"opening times please\", \"on which days is the shop open\"],\n"
    "  \"answers\": [{\"text\": \"We are open {hours.days}.\"}]},\n"
    " {\"id\": \"rent\", \"title\": \"Renting\", \"slots\": [\"bike\"], \"ask\": {\"bike\": \"Which kind?\"},\n"
    "  \"patterns\": [\"(rent|hire|borrow) & <bike>\", \"(rent|hire|borrow) ... bike\"],\n"
    "  \"examples\": [\"Can I rent a bike?\", \"hire a racer for a day\", \"borrow a commuter bike\"],\n"
    "  \"answers\": [{\"when\": {\"bike\": \"road\"}, \"text\": \"Road bikes can be rented.\", \"sources\": [\"prices\"]},\n"
    "   {\"when\": {\"bike\": \"city\"}, \"text\": \"City bikes can be rented by the day.\", \"sources\": [\"prices\"]}]},\n"
    " {\"id\": \"no-cars\", \"kind\": \"decline\", \"title\": \"Cars\", \"patterns\": [\"<fix> & car\"],\n"
    "  \"examples\": [\"Do you repair cars?\", \"how much to fix my car\"], \"answers\": [{\"text\": \"No cars.\"}]},\n"
    " {\"id\": \"hello\", \"kind\": \"chat\", \"title\": \"Hello\", \"patterns\": [\"^(hello|hi|hey)\", \"^thanks a lot$\"],\n"
    "  \"examples\": [\"hello\", \"hi there\"], \"answers\": [{\"text\": \"Hello!\"}]}\n"
    "]}\n";

static struct docent *small_pack_open_with(struct diags *diags, struct str model)
{
    static struct source files[2];
    static struct pack_files pack;
    files[0] = (struct source){STR("shop/base.json"), str_of(small_pack_base)};
    files[1] = (struct source){STR("shop/intents.json"), str_of(small_pack_intents)};
    pack = (struct pack_files){STR("shop"), files, 2};
    return docent_open(&pack, 1, model, diags);
}

static struct docent *small_pack_open(void)
{
    struct diags diags = {0};
    struct docent *d = small_pack_open_with(&diags, (struct str){"", 0});
    diags_release(&diags);
    return d;
}

#endif
