#include "render/render.h"

#include "render/layout.h"

/* ECMA-48, SGR: 1 bold, 2 faint, 22 neither. */
void ansi_reply(struct buf *out, const struct reply *r, size_t width)
{
    const struct layout_style style = {.bold = "\033[1m",
                                       .unbold = "\033[22m",
                                       .dim = "\033[2m",
                                       .undim = "\033[22m",
                                       .bullet = "• ",
                                       .rule = "─",
                                       .width = width};
    layout_reply(out, r, &style);
}
