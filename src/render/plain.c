#include "render/render.h"

#include "render/layout.h"

static struct layout_style plain_style(size_t width)
{
    return (struct layout_style){
        .bold = "", .unbold = "", .dim = "", .undim = "", .bullet = "- ", .rule = "-", .width = width};
}

void plain_reply(struct buf *out, const struct reply *r, size_t width)
{
    struct layout_style style = plain_style(width);
    layout_reply(out, r, &style);
}

void plain_text(struct buf *out, struct str text, size_t width)
{
    struct layout_style style = plain_style(width);
    layout_text(out, text, &style);
}

void plain_safe(struct buf *out, struct str text)
{
    layout_safe(out, text);
}
