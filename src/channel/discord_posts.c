#include "channel/discord_posts.h"

#include "base/json.h"
#include "render/discord.h"
#include "render/discord_button.h"
#include "render/pieces.h"

#include <stdio.h>

/* Numbers of Discord's documentation, "Message" and "Receiving and Responding". */
enum { FLAG_SUPPRESS_EMBEDS = 4, FLAG_EPHEMERAL = 64 };
enum { CALLBACK_MESSAGE = 4, CALLBACK_DEFERRED = 5, CALLBACK_CHOICES = 8 };
enum { CHOICE_MAX = 100, SHARE_MAX = 32 << 10 };

/* --- bodies ------------------------------------------------------------------------------------------------- */

/* What all messages have: text, nobody notified, no previews of links. flags: further ones */
static void put_message(struct buf *out, const struct discord_piece *piece, int flags)
{
    buf_adds(out, "\"content\":");
    json_quote(out, piece->content);
    buf_addf(out, ",\"flags\":%d,\"allowed_mentions\":{\"parse\":[],\"replied_user\":false}",
             FLAG_SUPPRESS_EMBEDS | flags);
    if (piece->components.n)
        buf_addf(out, ",\"components\":%.*s", STR_FMT(piece->components));
}

static struct str message_body(const struct discord_target *t, const struct discord_piece *piece, size_t i,
                               struct arena *a)
{
    struct buf out;
    buf_init(&out, POST_BODY_MAX);
    buf_addc(&out, '{');
    put_message(&out, piece, 0);
    buf_addf(&out, ",\"nonce\":\"d%.*s", STR_FMT(t->message));
    if (i)
        buf_addf(&out, "-%zu", i);
    buf_adds(&out, "\",\"enforce_nonce\":true");
    if (!t->direct && i == 0)
        buf_addf(&out, ",\"message_reference\":{\"message_id\":\"%.*s\",\"fail_if_not_exists\":false}",
                 STR_FMT(t->message));
    buf_addc(&out, '}');
    struct str body = arena_str(a, buf_str(&out));
    buf_release(&out);
    return body;
}

/* callback: as the first answer to an interaction; else as a message of a webhook */
static struct str interaction_body(const struct discord_piece *piece, bool quiet, bool callback, struct arena *a)
{
    struct buf out;
    buf_init(&out, POST_BODY_MAX);
    if (callback)
        buf_addf(&out, "{\"type\":%d,\"data\":", CALLBACK_MESSAGE);
    buf_addc(&out, '{');
    put_message(&out, piece, quiet ? FLAG_EPHEMERAL : 0);
    buf_adds(&out, callback ? "}}" : "}");
    struct str body = arena_str(a, buf_str(&out));
    buf_release(&out);
    return body;
}

struct str discord_say(struct str content, struct arena *a)
{
    return interaction_body(&(struct discord_piece){.content = content}, true, true, a);
}

struct str discord_defer(bool quiet, struct arena *a)
{
    return quiet ? arena_fmt(a, "{\"type\":%d,\"data\":{\"flags\":%d}}", CALLBACK_DEFERRED, FLAG_EPHEMERAL)
                 : arena_fmt(a, "{\"type\":%d}", CALLBACK_DEFERRED);
}

/* A question too long for a choice's value goes by its hash, as on a button. */
static void put_choice_value(struct buf *out, struct str question)
{
    struct buf id;
    if (pieces_units(question) <= CHOICE_MAX) {
        json_quote(out, question);
        return;
    }
    buf_init(&id, DOCENT_TEXT_MAX);
    discord_button_write(&id, &(struct discord_button){.kind = DISCORD_BUTTON_ASK, .text = question});
    json_quote(out, buf_str(&id));
    buf_release(&id);
}

struct str discord_choices(const struct str *questions, size_t n, struct arena *a)
{
    struct buf out;
    buf_init(&out, POST_BODY_MAX);
    buf_addf(&out, "{\"type\":%d,\"data\":{\"choices\":[", CALLBACK_CHOICES);
    for (size_t i = 0; i < n; i++) {
        buf_adds(&out, i ? ",{\"name\":" : "{\"name\":");
        json_quote(&out, pieces_short(questions[i], CHOICE_MAX, a));
        buf_adds(&out, ",\"value\":");
        put_choice_value(&out, questions[i]);
        buf_addc(&out, '}');
    }
    buf_adds(&out, "]}}");
    struct str body = arena_str(a, buf_str(&out));
    buf_release(&out);
    return body;
}

/* --- calls -------------------------------------------------------------------------------------------------- */

struct str discord_callback_route(const struct discord_target *t, struct arena *a)
{
    return arena_fmt(a, "interactions/%.*s/%.*s/callback", STR_FMT(t->interaction), STR_FMT(t->token));
}

static struct post message_post(const struct discord_target *t, const struct discord_piece *piece, size_t i,
                                struct arena *a)
{
    return (struct post){
        .lane = arena_str(a, t->channel),
        .method = STR("POST"),
        .route = arena_fmt(a, "channels/%.*s/messages", STR_FMT(t->channel)),
        .body = message_body(t, piece, i, a),
        .again = true,
    };
}

static struct post interaction_post(const struct discord_target *t, enum discord_way way, bool quiet,
                                    const struct discord_piece *piece, size_t i, struct arena *a)
{
    bool first = i == 0, callback = first && way == DISCORD_FIRST;
    struct str hook = arena_fmt(a, "webhooks/%.*s/%.*s", STR_FMT(t->application), STR_FMT(t->token));
    return (struct post){
        .lane = arena_fmt(a, "i%.*s", STR_FMT(t->interaction)),
        .method = first && !callback ? STR("PATCH") : STR("POST"),
        .route = callback ? discord_callback_route(t, a)
                 : first  ? arena_fmt(a, "%.*s/messages/@original", STR_FMT(hook))
                          : hook,
        .body = interaction_body(piece, quiet, callback, a),
        .again = first,
    };
}

static void put_posts(const struct discord_target *t, enum discord_way way, bool quiet,
                      const struct discord_piece *pieces, size_t n, struct arena *a, struct posts *out)
{
    out->n = 0;
    for (size_t i = 0; i < n && i < POSTS_MAX; i++)
        out->items[out->n++] =
            t->interaction.n ? interaction_post(t, way, quiet, &pieces[i], i, a) : message_post(t, &pieces[i], i, a);
}

/* --- what is said ------------------------------------------------------------------------------------------- */

/* The texts of a shared answer, as a JSON array. */
static struct str share_of(const struct question *q, const struct reply *r, struct arena *a)
{
    struct discord_piece pieces[DISCORD_PIECES_MAX];
    size_t n = discord_render(r, &(struct discord_look){.quote = q->text, .bare = true}, a, pieces);
    struct buf out;
    buf_init(&out, SHARE_MAX);
    for (size_t i = 0; i < n; i++) {
        buf_addc(&out, i ? ',' : '[');
        json_quote(&out, pieces[i].content);
    }
    buf_addc(&out, ']');
    struct str share = out.full ? (struct str){NULL, 0} : arena_str(a, buf_str(&out));
    buf_release(&out);
    return share;
}

void discord_compose(const struct discord_target *t, enum discord_way way, const struct question *question,
                     const struct reply *reply, struct arena *a, struct posts *out)
{
    struct discord_piece pieces[DISCORD_PIECES_MAX];
    bool command = t->interaction.n > 0, may_share = command && t->quiet && !t->direct;
    struct str id = command ? t->interaction : t->message;
    *out = (struct posts){.n = 0};
    if (may_share && reply->outcome == OUTCOME_ANSWER)
        out->share = share_of(question, reply, a);
    struct discord_look look = {
        .of = arena_fmt(a, "%c%.*s", command ? 'i' : 'm', STR_FMT(id)),
        .quote = command && !t->quiet ? question->text : (struct str){NULL, 0},
        .share = out->share.n > 0,
        .note = t->unread ? STR("I cannot read messages that do not mention me. Mention me, or use /ask.") : STR(""),
    };
    size_t n = discord_render(reply, &look, a, pieces);
    put_posts(t, way, t->quiet, pieces, n, a, out);
}

void discord_thank(const struct discord_target *t, enum discord_way way, bool helpful, struct arena *a,
                   struct posts *out)
{
    struct discord_piece thanks = {.content = helpful
                                                  ? STR("Thanks for telling.")
                                                  : STR("Thanks for telling: that helps to make the answers better.")};
    *out = (struct posts){.n = 0};
    put_posts(t, way, true, &thanks, 1, a, out);
}

void discord_share(const struct discord_target *t, enum discord_way way, struct str share, struct arena *a,
                   struct posts *out)
{
    struct discord_piece pieces[DISCORD_PIECES_MAX];
    size_t n = 0;
    cJSON *tree = json_parse(share, NULL);
    const cJSON *content;
    cJSON_ArrayForEach(content, tree)
        if (n < DISCORD_PIECES_MAX && cJSON_IsString(content))
            pieces[n++] = (struct discord_piece){.content = arena_str(a, json_text(content))};
    cJSON_Delete(tree);
    *out = (struct posts){.n = 0};
    bool gone = n == 0;
    if (gone)
        pieces[n++] = (struct discord_piece){.content = STR("This answer is too old to be shared. Please ask again.")};
    put_posts(t, way, gone, pieces, n, a, out);
}

void discord_topics_posts(const struct discord_target *t, const struct docent *d, struct arena *a, struct posts *out)
{
    struct discord_piece pieces[DISCORD_PIECES_MAX];
    size_t n = discord_render_topics(d, a, pieces);
    *out = (struct posts){.n = 0};
    put_posts(t, DISCORD_FIRST, true, pieces, n, a, out);
}
